//! XML of the older control planes as the JSON that the newer ones write.

use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};
use serde_json::{Map, Value};

/// The root's content: an element of elements is an object, one of `member`s an array, any other its
/// text. `None` for what is no XML.
pub(super) fn tree(text: &str) -> Option<Value> {
    let mut document = Document::try_from(text.as_bytes()).ok()?;
    let mut root = document.root_element().ok()?;
    Some(content(&mut root))
}

fn content(element: &mut ScopedDecoder<'_, '_>) -> Value {
    let (mut object, mut members, mut any) = (Map::new(), Vec::new(), false);
    while let Some(mut child) = element.next_tag() {
        any = true;
        let name = child.start_el().local().to_owned();
        let value = content(&mut child);
        if name == "member" { members.push(value) } else { drop(object.insert(name, value)) }
    }
    match any {
        false => Value::String(try_data(element).map(|text| text.into_owned()).unwrap_or_default()),
        true if object.is_empty() => Value::Array(members),
        true => Value::Object(object),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn elements_are_objects_members_are_arrays_and_the_rest_is_text() {
        let text = "<Answer><Stacks><member><Name>a &amp; b</Name><Outputs/></member><member><Name>客服</Name></member></Stacks></Answer>";
        assert_eq!(tree(text), Some(json!({"Stacks": [{"Name": "a & b", "Outputs": ""}, {"Name": "客服"}]})));
        assert_eq!(tree("not XML"), None);
    }
}
