//! The real program, from outside.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod backfill;
mod backups;
mod buckets;
mod city;
mod collect;
mod common;
mod demo;
mod differences;
mod exports;
mod finals;
mod folders;
mod hostile;
mod hvbp;
mod intake;
mod interfaces;
mod jobs;
mod live;
mod logs;
mod marks;
mod office;
mod openapi;
mod opg;
mod pages;
mod ratings;
mod readme;
mod references;
mod settings;
mod silence;
mod spreadsheets;
mod stats;
mod stories;
mod tls;
mod uncertainty;
mod wabo;
mod whatif;
