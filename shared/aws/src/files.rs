//! Files, by S3: uploaded by a signed form, downloaded by a signed link, both past our functions.

use crate::config::Setting;
use crate::failure::unavailable;
use async_trait::async_trait;
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::MetadataDirective;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use redress_domain::attachment::{Examination, Seen};
use redress_service::ports::{Files, Form, Found, Kept, Permission, PortError};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Keeps files in the bucket.
pub struct S3Files {
    client: Client,
    bucket: Setting,
    credentials: Option<SharedCredentialsProvider>,
    region: Option<Region>,
}

fn failed(operation: &str) -> PortError {
    PortError::Unavailable(operation.to_owned())
}

impl S3Files {
    /// Keeps by `client` in `bucket`; signs as `sdk` is allowed to.
    #[must_use]
    pub fn new(client: Client, bucket: Setting, sdk: &SdkConfig) -> Self {
        Self { client, bucket, credentials: sdk.credentials_provider(), region: sdk.region().cloned() }
    }

    async fn credentials(&self) -> Result<Credentials, PortError> {
        let provider = self.credentials.as_ref().ok_or_else(|| failed("no credentials to sign with"))?;
        provider.provide_credentials().await.map_err(|_| failed("no credentials to sign with"))
    }

    /// Where the bucket takes forms: what its objects' addresses begin with, as the SDK's own rules
    /// for regions and partitions say.
    async fn address(&self, path: &str, from: Timestamp, until: Timestamp) -> Result<String, PortError> {
        let link = self.link(path, from, until).await?;
        let object = link.split('?').next().unwrap_or_default();
        object.strip_suffix(path).map(str::to_owned).ok_or_else(|| failed("an address without its path"))
    }

    /// Whether anything lies at `path`. Asked before it is read: to whom may not list, the bucket
    /// answers of what is not there that it is forbidden, and a right that we lost must not look like
    /// a file that never came.
    async fn is_there(&self, path: &str) -> Result<bool, PortError> {
        let list = self.client.list_objects_v2().bucket(self.bucket.get()?).prefix(path).max_keys(1);
        let found = list.send().await.map_err(|error| unavailable("ListObjectsV2", &error))?;
        Ok(found.contents().iter().any(|object| object.key() == Some(path)))
    }
}

/// An instant as the standard library has it.
fn system(at: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(at.as_millisecond()).unwrap_or_default())
}

/// What stands in front of the signature of a form: its fields, all of them conditions of its policy.
///
/// # Source
/// Amazon S3 API reference, "Creating an HTML form (using AWS Signature Version 4)" and "POST
/// policy": every field but the policy, the signature and the file must be met by a condition.
fn fields(permission: &Permission<'_>, region: &str, credentials: &Credentials) -> BTreeMap<String, String> {
    let at = permission.from.strftime("%Y%m%dT%H%M%SZ").to_string();
    let scope = format!("{}/{}/{region}/s3/aws4_request", credentials.access_key_id(), &at[..8]);
    let token = credentials.session_token().map(|token| ("x-amz-security-token", token.to_owned()));
    let fields = [
        ("key", permission.path.to_owned()),
        ("Content-Type", permission.media_type.to_owned()),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
        ("x-amz-credential", scope),
        ("x-amz-date", at),
    ];
    fields.into_iter().chain(token).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What the bucket must find to be so, in base 64.
fn policy(permission: &Permission<'_>, bucket: &str, fields: &BTreeMap<String, String>) -> String {
    let size = permission.size_bytes;
    let mut conditions = vec![json!({ "bucket": bucket }), json!(["content-length-range", size, size])];
    conditions.extend(fields.iter().map(|(name, value)| json!({ name.as_str(): value })));
    let policy: Value = json!({ "expiration": format!("{:.3}", permission.until), "conditions": conditions });
    BASE64_STANDARD.encode(policy.to_string())
}

/// The bytes of an object, chunk by chunk.
async fn look(mut body: ByteStream) -> Result<Seen, PortError> {
    let mut examination = Examination::default();
    while let Some(chunk) = body.try_next().await.map_err(|_| failed("GetObject: cut off"))? {
        examination.feed(&chunk);
    }
    Ok(examination.end())
}

/// A version's name as it stands in a query.
fn encoded(version: &str) -> String {
    version
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[async_trait]
impl Files for S3Files {
    async fn form(&self, permission: Permission<'_>) -> Result<Form, PortError> {
        let (bucket, credentials) = (self.bucket.get()?, self.credentials().await?);
        let region = self.region.as_ref().ok_or_else(|| failed("no region to sign for"))?.as_ref();
        let mut fields = fields(&permission, region, &credentials);
        let policy = policy(&permission, bucket, &fields);
        let key = generate_signing_key(credentials.secret_access_key(), system(permission.from), region, "s3");
        fields.insert("x-amz-signature".to_owned(), calculate_signature(key, policy.as_bytes()));
        fields.insert("policy".to_owned(), policy);
        Ok(Form { url: self.address(permission.path, permission.from, permission.until).await?, fields })
    }

    async fn examine(&self, path: &str) -> Result<Option<Found>, PortError> {
        if !self.is_there(path).await? {
            return Ok(None);
        }
        let get = self.client.get_object().bucket(self.bucket.get()?).key(path);
        let object = get.send().await.map_err(|error| unavailable("GetObject", &error))?;
        let version = object.version_id().map(str::to_owned).ok_or_else(|| failed("the bucket keeps no versions"))?;
        Ok(Some(Found { version, seen: look(object.body).await? }))
    }

    async fn keep(&self, path: &str, version: &str, to: Kept<'_>) -> Result<(), PortError> {
        let bucket = self.bucket.get()?;
        let source = format!("{bucket}/{path}?versionId={}", encoded(version));
        let copy = self.client.copy_object().copy_source(source).bucket(bucket).key(to.path);
        let copy = copy.metadata_directive(MetadataDirective::Replace);
        let copy = copy.content_type(to.media_type).content_disposition(to.disposition);
        copy.send().await.map(drop).map_err(|error| unavailable("CopyObject", &error))
    }

    async fn link(&self, path: &str, from: Timestamp, until: Timestamp) -> Result<String, PortError> {
        let lifetime = Duration::try_from(until.duration_since(from)).map_err(|_| failed("a link that ends first"))?;
        let times = PresigningConfig::builder().start_time(system(from)).expires_in(lifetime).build();
        let times = times.map_err(|_| failed("a link that lives too long"))?;
        let get = self.client.get_object().bucket(self.bucket.get()?).key(path);
        let signed = get.presigned(times).await.map_err(|error| unavailable("presign GetObject", &error))?;
        Ok(signed.uri().to_owned())
    }
}

/// The files of a function that has to do with none: it has no right to any.
pub struct NoFiles;

fn none<T>() -> Result<T, PortError> {
    Err(failed("this function has no files"))
}

#[async_trait]
impl Files for NoFiles {
    async fn form(&self, _: Permission<'_>) -> Result<Form, PortError> {
        none()
    }

    async fn examine(&self, _: &str) -> Result<Option<Found>, PortError> {
        none()
    }

    async fn keep(&self, _: &str, _: &str, _: Kept<'_>) -> Result<(), PortError> {
        none()
    }

    async fn link(&self, _: &str, _: Timestamp, _: Timestamp) -> Result<String, PortError> {
        none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission() -> Permission<'static> {
        let at = |text: &str| text.parse().expect("an instant");
        Permission {
            path: "uploads/tn_shop/at_1",
            media_type: "image/png",
            size_bytes: 7,
            from: at("2026-11-23T04:00:00.123Z"),
            until: at("2026-11-23T04:15:00.123Z"),
        }
    }

    #[test]
    fn every_field_is_a_condition_of_the_policy() {
        let credentials = Credentials::new("AKID", "secret", Some("session".to_owned()), None, "test");
        let fields = fields(&permission(), "eu-west-1", &credentials);
        assert_eq!(fields["x-amz-credential"], "AKID/20261123/eu-west-1/s3/aws4_request");
        assert_eq!(fields["x-amz-date"], "20261123T040000Z");
        let policy = BASE64_STANDARD.decode(policy(&permission(), "files", &fields)).expect("base 64");
        let policy: Value = serde_json::from_slice(&policy).expect("JSON");
        assert_eq!(policy["expiration"], "2026-11-23T04:15:00.123Z");
        let conditions = policy["conditions"].as_array().expect("a list");
        assert_eq!(conditions.len(), fields.len() + 2);
        assert!(conditions.contains(&json!({ "x-amz-security-token": "session" })));
        assert!(conditions.contains(&json!({ "key": "uploads/tn_shop/at_1" })));
        assert!(conditions.contains(&json!(["content-length-range", 7, 7])));
    }

    #[test]
    fn a_signature_is_that_of_the_documentation() {
        // Amazon S3 API reference, "Example: browser-based upload using HTTP POST".
        let policy = concat!(
            "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6",
            "ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFj",
            "bCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tl",
            "dC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5",
            "cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZl",
            "ci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoN",
            "CiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVx",
            "dWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAx",
            "NTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9",
        );
        let at = system("2015-12-29T00:00:00Z".parse().expect("an instant"));
        let key = generate_signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", at, "us-east-1", "s3");
        let signature = "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e";
        assert_eq!(calculate_signature(key, policy.as_bytes()), signature);
    }

    #[test]
    fn a_versions_name_is_kept_whole_in_a_query() {
        assert_eq!(encoded("3sL4kqtJ+rmS/p=_-"), "3sL4kqtJ%2BrmS%2Fp%3D_-");
    }
}
