//! Why an evaluation ended early, as an error of the library.

use crate::error::{Error, Status};

impl From<aimql::Error> for Error {
    fn from(error: aimql::Error) -> Self {
        let status = match error {
            aimql::Error::Cancelled => Status::Cancelled,
            aimql::Error::Steps(_) => Status::Limit,
            aimql::Error::Row(error) => {
                return match error.downcast::<Error>() {
                    Ok(error) => *error,
                    Err(error) => Self::new(Status::Io, error.to_string()),
                };
            }
        };
        Self::new(status, error.to_string())
    }
}
