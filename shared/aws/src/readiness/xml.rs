//! XML of the older control planes as the JSON that the newer ones write.

use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};
use serde_json::{Map, Value};

/// What is read as text: a decoder that goes from tag to tag must be told where words stand.
const TEXTS: [&str; 12] = [
    "StackStatus",
    "ParameterKey",
    "ParameterValue",
    "OutputKey",
    "OutputValue",
    "LogicalResourceId",
    "PhysicalResourceId",
    "ResourceType",
    "ResourceStatus",
    "NextToken",
    "Code",
    "Message",
];

/// The root's content: an element of `member`s is an array, any other an object of what is in it;
/// [`TEXTS`] are text. `None` for what is no XML.
pub(super) fn tree(text: &str) -> Option<Value> {
    let mut document = Document::try_from(text.as_bytes()).ok()?;
    let mut root = document.root_element().ok()?;
    Some(content(&mut root))
}

fn content(element: &mut ScopedDecoder<'_, '_>) -> Value {
    let (mut object, mut members) = (Map::new(), Vec::new());
    while let Some(mut child) = element.next_tag() {
        let name = child.start_el().local().to_owned();
        let value = if TEXTS.contains(&name.as_str()) { words(&mut child) } else { content(&mut child) };
        if name == "member" { members.push(value) } else { drop(object.insert(name, value)) }
    }
    if object.is_empty() { Value::Array(members) } else { Value::Object(object) }
}

fn words(element: &mut ScopedDecoder<'_, '_>) -> Value {
    Value::String(try_data(element).map(|text| text.into_owned()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_arrays_other_elements_are_objects_and_words_are_text() {
        let text = "<Answer><Stacks><member><OutputValue>a &amp; b</OutputValue><Outputs/></member>\
                    <member><OutputValue>客服</OutputValue></member></Stacks></Answer>";
        let stacks = json!([{"OutputValue": "a & b", "Outputs": []}, {"OutputValue": "客服"}]);
        assert_eq!(tree(text), Some(json!({ "Stacks": stacks })));
        assert_eq!(tree("not XML"), None);
    }

    #[test]
    fn what_went_wrong_is_found_as_aws_says_it() {
        let text = "<ErrorResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><Error><Type>Sender</Type>\
                    <Code>ValidationError</Code><Message>no such stack</Message></Error></ErrorResponse>";
        assert_eq!(tree(text).unwrap()["Error"]["Code"], "ValidationError");
    }
}
