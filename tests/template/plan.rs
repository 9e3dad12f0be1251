//! The template as its tests read it: by its own layout, which is two spaces a level.

use std::collections::{BTreeMap, BTreeSet};

/// What the template says of what.
pub(super) struct Plan<'a> {
    blocks: BTreeMap<&'a str, Vec<&'a str>>,
    parameters: BTreeSet<&'a str>,
    globals: Vec<&'a str>,
}

/// A statement of a role: its actions, and what they may be done to.
pub(super) struct Statement<'a> {
    pub(super) actions: Vec<&'a str>,
    pub(super) resources: Vec<&'a str>,
}

/// The lines of a section at the left margin, without its name.
fn section<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let own = text.lines().skip_while(|line| line.strip_suffix(':') != Some(name)).skip(1);
    own.take_while(|line| line.is_empty() || line.starts_with([' ', '#'])).collect()
}

/// What stands two spaces in, with the lines below each.
fn blocks(lines: Vec<&str>) -> BTreeMap<&str, Vec<&str>> {
    let (mut blocks, mut own) = (BTreeMap::<_, Vec<_>>::new(), None);
    for line in lines.into_iter().filter(|line| !line.trim_start().starts_with('#')) {
        match line.strip_prefix("  ").filter(|line| !line.starts_with(' ')).and_then(|line| line.strip_suffix(':')) {
            Some(name) => own = Some(name),
            None => blocks.entry(own.unwrap_or_default()).or_default().push(line),
        }
    }
    blocks
}

/// What stands below the line `name:`, deeper than it.
fn below<'a>(lines: &[&'a str], name: &str) -> Vec<&'a str> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let Some(at) = lines.iter().position(|line| line.trim().strip_suffix(':') == Some(name)) else { return Vec::new() };
    let (from, rest) = (depth(lines[at]), &lines[at + 1..]);
    rest.iter().take_while(|line| line.is_empty() || depth(line) > from).copied().collect()
}

/// The value of the first line `name: value`.
fn value<'a>(lines: &[&'a str], name: &str) -> Option<&'a str> {
    lines.iter().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": "))
}

/// The words of `lines` that begin after `before` and hold nothing but what `of` allows.
pub(super) fn words<'a>(lines: &[&'a str], before: &str, of: fn(char) -> bool) -> Vec<&'a str> {
    let parts = lines.iter().flat_map(|line| line.split(before).skip(1));
    parts.map(|part| part.split(|letter| !of(letter)).next().unwrap_or_default()).collect()
}

impl<'a> Plan<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let parameters = blocks(section(text, "Parameters")).into_keys().collect();
        Self { blocks: blocks(section(text, "Resources")), parameters, globals: section(text, "Globals") }
    }

    /// The resources of a type, by their names.
    pub(super) fn of_type(&self, kind: &str) -> Vec<&'a str> {
        let of_kind = |(_, lines): &(&&str, &Vec<&str>)| value(lines, "Type") == Some(kind);
        self.blocks.iter().filter(of_kind).map(|(name, _)| *name).collect()
    }

    pub(super) fn has(&self, resource: &str) -> bool {
        self.blocks.contains_key(resource)
    }

    /// A property of a resource that is one line.
    pub(super) fn property(&self, resource: &str, name: &str) -> Option<&'a str> {
        value(self.blocks.get(resource)?, name)
    }

    /// The seconds after which a function is ended.
    pub(super) fn timeout(&self, function: &str) -> u64 {
        let own = self.property(function, "Timeout").or_else(|| value(&self.globals, "Timeout"));
        own.and_then(|seconds| seconds.parse().ok()).expect("a function's time-out is a number of seconds")
    }

    /// Where a function's package lies, for example `functions/intake`.
    pub(super) fn code(&self, function: &str) -> &'a str {
        self.property(function, "CodeUri").expect("a function has its code")
    }

    /// A function's variables by name, with the lines of each value.
    pub(super) fn variables(&self, function: &str) -> BTreeMap<&'a str, Vec<&'a str>> {
        let own = below(&self.blocks[function], "Variables");
        let all = below(&self.globals, "Variables");
        let mut variables = BTreeMap::<_, Vec<_>>::new();
        let mut name = "";
        for line in all.into_iter().chain(own).filter(|line| !line.trim_start().starts_with('#')) {
            let named = line.trim().split_once(':').map_or("", |(name, _)| name);
            if !named.is_empty() && named.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_') {
                name = named;
            }
            variables.entry(name).or_default().push(line);
        }
        variables
    }

    /// The parameters that lines refer to.
    pub(super) fn parameters_in(&self, lines: &[&'a str]) -> BTreeSet<&'a str> {
        let name = |letter: char| letter.is_ascii_alphanumeric();
        let named = words(lines, "!Ref ", name).into_iter().chain(words(lines, "${", name));
        named.filter(|name| self.parameters.contains(name)).collect()
    }

    /// The lines of a property of a resource.
    pub(super) fn lines(&self, resource: &str, name: &str) -> Vec<&'a str> {
        let depth = |line: &str| line.len() - line.trim_start().len();
        let mut rest = self.blocks[resource].iter().skip_while(|line| !line.trim().starts_with(&format!("{name}:")));
        let Some(first) = rest.next() else { return Vec::new() };
        std::iter::once(first).chain(rest.take_while(|line| depth(line) > depth(first))).copied().collect()
    }

    /// The queue that a function works on, if it does on any.
    pub(super) fn source(&self, function: &str) -> Option<&'a str> {
        let events = below(&self.blocks[function], "Events");
        value(&events, "Queue")?.strip_prefix("!GetAtt ")?.strip_suffix(".Arn")
    }

    /// The dead letters of a queue.
    pub(super) fn dead_letters(&self, queue: &str) -> Option<&'a str> {
        self.property(queue, "deadLetterTargetArn")?.strip_prefix("!GetAtt ")?.strip_suffix(".Arn")
    }

    /// What a function's role says.
    pub(super) fn statements(&self, function: &str) -> Vec<Statement<'a>> {
        let role = self.property(function, "Role").and_then(|role| role.strip_prefix("!GetAtt ")?.strip_suffix(".Arn"));
        let lines = &self.blocks[role.expect("a function has a role")];
        let starts: Vec<_> = (0..lines.len()).filter(|at| lines[*at].trim().starts_with("- Sid: ")).collect();
        let ends = starts.iter().skip(1).copied().chain([lines.len()]);
        starts.iter().zip(ends).map(|(start, end)| Statement::of(&lines[*start..end])).collect()
    }
}

impl<'a> Statement<'a> {
    fn of(lines: &[&'a str]) -> Self {
        let of_resources =
            |line: &&&str| line.trim().starts_with("Resource:") || line.trim().starts_with("NotResource:");
        let split = lines.iter().take_while(|line| !of_resources(line)).count();
        let (actions, rest) = lines.split_at(split);
        let condition = rest.iter().take_while(|line| !line.trim().starts_with("Condition:")).count();
        let rest = &rest[..condition];
        let all = actions.iter().flat_map(|line| line.split([' ', ',', '[', ']', '"']));
        let actions = all.filter(|word| word.split_once(':').is_some_and(|(_, action)| !action.is_empty())).collect();
        let of_arn = |letter: char| letter.is_ascii_alphanumeric() || "./*}{".contains(letter);
        let attributes = words(rest, "!GetAtt ", of_arn).into_iter().map(|word| word.trim_end_matches(".Arn"));
        let own = |word: &&str| word.contains(".Arn}");
        let parts = words(rest, "!Sub \"${", of_arn).into_iter().filter(own);
        // Of what is no resource of the stack's, the service.
        let services = words(rest, "arn:${AWS::Partition}:", |letter| letter.is_ascii_lowercase());
        Self { actions, resources: attributes.chain(parts).chain(services).collect() }
    }
}
