import time,resource,sys,glob,os
eng=sys.argv[1]; folder=sys.argv[2]; runs=3
files=sorted(glob.glob(folder+'/*/case.parquet'))
def cpu():
    r=resource.getrusage(resource.RUSAGE_SELF); return r.ru_utime+r.ru_stime
BAD="(elapsed_seconds<0 OR (window_type='approval' AND elapsed_seconds<10) OR (window_type<>'self_service' AND NOT extended_service AND (minute_of_day<480 OR minute_of_day>1079)))"
if eng=='duckdb':
    import duckdb; c=duckdb.connect(); c.execute("SET threads=2"); c.execute("SET preserve_insertion_order=false")
    var=sys.argv[3]; form=sys.argv[4]
    C={'case':lambda p:f"SUM(CASE WHEN {p} THEN 1 ELSE 0 END)",'countif':lambda p:f"COUNT_IF({p})",'filter':lambda p:f"COUNT(*) FILTER (WHERE {p})",'int':lambda p:f"SUM(({p})::INT)", 'nul':lambda p:f"COUNT(CASE WHEN {p} THEN 1 END)"}[form]
    S=lambda p,e:f"SUM(CASE WHEN {p} THEN {e} ELSE 0 END)"
    aggs=[C('ok AND on_finish'),C('ok AND on_finish AND NOT in_hours'),C('ok AND on_finish AND transferred'),C('ok AND on_due'),C('ok AND on_due AND NOT overdue'),C('ok AND on_due AND overdue'),S('ok AND on_finish','handling_seconds'),C('ok AND on_rating'),S('ok AND on_rating','rating_level'),C('ok AND on_rating AND rating_level>=4'),C('ok AND on_rating AND rating_level<=2'),C('ok AND on_finish AND asked AND NOT on_rating'),C("ok AND on_finish AND channel='online'")]
    A=', '.join(aggs)
    if var=='file':
        q=f"SELECT filename AS day, window, staff, {A} FROM (SELECT *, {BAD} IS NOT TRUE AS ok FROM read_parquet({files!r}, filename=true)) GROUP BY ALL"
    elif var=='union':
        q=' UNION ALL '.join(f"SELECT DATE '{f.split('/')[-2]}' AS day, window, staff, {A} FROM (SELECT *, {BAD} IS NOT TRUE AS ok FROM read_parquet('{f}')) GROUP BY window, staff" for f in files)
    elif var=='hive':
        hf=[f for f in sorted(glob.glob(folder+'-hive/*/case.parquet'))]
        q=f"SELECT day, window, staff, {A} FROM (SELECT *, {BAD} IS NOT TRUE AS ok FROM read_parquet({hf!r}, hive_partitioning=true)) GROUP BY day, window, staff"
    q=q.replace('window,','"window",').replace('window ','"window" ').replace('"window" self','window self')
    run=lambda: c.execute(q).to_arrow_table()
else:
    import polars as pl
    print(pl.thread_pool_size())
    var=sys.argv[3]; eq=sys.argv[4]
    b=lambda n: pl.col(n)
    def query(f):
        bad=((b('elapsed_seconds')<0)|((b('window_type')=='approval')&(b('elapsed_seconds')<10))|((b('window_type')!='self_service')&~b('extended_service')&((b('minute_of_day')<480)|(b('minute_of_day')>1079)))).fill_null(False)
        f=f.with_columns(ok=~bad); ok=b('ok'); fin=b('ok')&b('on_finish'); due=ok&b('on_due'); rat=ok&b('on_rating'); r=b('rating_level')
        S=lambda e,n: e.sum().alias(n)
        return f, [S(fin,'finished'),S(fin&~b('in_hours'),'after_hours'),S(fin&b('transferred'),'transferred'),S(due,'due'),S(due&~b('overdue'),'on_time'),S(due&b('overdue'),'late'),b('handling_seconds').cast(pl.Int64).filter(fin).sum().alias('handling'),S(rat,'rated'),r.cast(pl.Int64).filter(rat).sum().alias('levels'),S(rat&(r>=4),'satisfied'),S(rat&(r<=2),'dissatisfied'),S(fin&b('asked')&~b('on_rating'),'silent'),S(fin&(b('channel')=='online'),'online')]
    keys=['window','staff']
    def prep(f):
        if 'str' in var: f=f.with_columns(pl.col('window').cast(pl.String),pl.col('staff').cast(pl.String))
        return f
    def run():
        if var.startswith('file'):
            f=pl.scan_parquet(files,include_file_paths='day'); f,a=query(prep(f)); return f.group_by('day',*keys).agg(a).collect(engine=eq)
        if var.startswith('hive'):
            f=pl.scan_parquet(sorted(glob.glob(folder+'-hive/*/case.parquet')),hive_partitioning=True); f,a=query(prep(f)); return f.group_by('day',*keys).agg(a).collect(engine=eq)
        if var.startswith('union'):
            fs=[]
            for x in files:
                f,a=query(prep(pl.scan_parquet(x))); fs.append(f.group_by(*keys).agg(a).with_columns(day=pl.lit(x.split('/')[-2])))
            return pl.concat(fs).collect(engine=eq)
        if var.startswith('loop'):
            fs=[]
            for x in files:
                f,a=query(prep(pl.scan_parquet(x))); fs.append(f.group_by(*keys).agg(a).with_columns(day=pl.lit(x.split('/')[-2])).collect(engine=eq))
            return pl.concat(fs)
out=[]
for i in range(runs):
    t=time.time();c0=cpu();x=run();out.append('w%.2f c%.2f'%(time.time()-t,cpu()-c0))
print(sys.argv[1:],len(x) if hasattr(x,'__len__') else x.num_rows, out, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss//1024,'MB')
if eng=='duckdb': print([sum(x.column(i).to_pylist()) for i in range(3,16)] if x.num_rows<1e5 else '')
else: print(x.select(pl.col(pl.Int64,pl.UInt32).sum()).row(0))
