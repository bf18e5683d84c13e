//! One state of the database for several reads.

use crate::{Store, StoreError};
use sqlx::{Sqlite, Transaction};

impl Store {
    /// A view for reads that must see the same state. It cannot write: its connection is open for reading alone.
    pub(crate) async fn view(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.readers.begin().await?)
    }
}
