//! What AWS answers when it does not do as asked, in the words of the ports.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use redress_service::ports::PortError;

/// `error` as [`PortError::Unavailable`]: the operation and the code, never what was sent or stored.
pub(crate) fn unavailable<E: ProvideErrorMetadata, R>(operation: &str, error: &SdkError<E, R>) -> PortError {
    PortError::Unavailable(format!("{operation}: {}", code(error)))
}

/// The one word that says what went wrong.
pub(crate) fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> &str {
    match error {
        SdkError::ServiceError(answer) => answer.err().code().unwrap_or("an answer without a code"),
        SdkError::TimeoutError(_) => "no answer in time",
        SdkError::DispatchFailure(_) => "no connection",
        SdkError::ResponseError(_) => "an unreadable answer",
        SdkError::ConstructionFailure(_) => "a request that cannot be built",
        _ => "unknown",
    }
}
