//! The same through the local cloud: the functions themselves, deployed from `template.yaml`, on
//! DynamoDB, SQS and S3. The first scenario starts it; it ends with this process.

mod attachments;
mod client;
mod clocks;
mod contract;
mod doctor;
mod faults;
mod incidents;
mod intake;
mod letters;
mod lines;
mod poison;
mod races;
mod restart;
mod restore;
mod stack;
mod tenant;
mod understanding;
mod walk;
mod webhooks;
