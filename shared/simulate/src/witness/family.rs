//! Orders that have to do with one another: each says of the other what that says of it, at any time.

use super::Witness;
use redress_service::ports::Write;

impl Witness {
    /// What was written together says the same of both sides.
    pub(super) fn check_families(&mut self, writes: &[Write]) {
        let mut wrong = Vec::new();
        for write in writes {
            let Write::Put(record) = write else { continue };
            let mut parts = record.key.partition.split('#').skip(1);
            let (kind, Some(id)) = (parts.next(), parts.next()) else { continue };
            if kind == Some("order") && record.key.sort == "order" {
                wrong.extend(self.unrelated(id));
            }
        }
        self.violations.extend(wrong);
    }

    fn unrelated(&self, id: &str) -> Option<String> {
        let order = self.orders.get(id)?;
        if let Some((parent, mandatory)) = &order.parent
            && self.orders.get(parent).and_then(|parent| parent.children.get(id)) != Some(mandatory)
        {
            return Some(format!("{id} is a part of {parent}, and that does not say so"));
        }
        let stray = order.children.iter().find(|(child, mandatory)| {
            let child = self.orders.get(child.as_str());
            child.and_then(|child| child.parent.as_ref()) != Some(&(id.to_owned(), **mandatory))
        });
        if let Some((child, _)) = stray {
            return Some(format!("{id} has the part {child}, and that does not say so"));
        }
        let waited_for = |child: &str| self.orders.get(child).is_some_and(super::OrderSeen::is_active);
        let open = order.children.iter().find(|(child, mandatory)| **mandatory && waited_for(child));
        if let Some((child, _)) = open.filter(|_| matches!(order.status.as_str(), "resolved" | "closed")) {
            return Some(format!("{id} is {}, and {child} must be done first", order.status));
        }
        let into = order.merged_into.as_ref()?;
        let whole = self.orders.get(into);
        if !whole.is_some_and(|whole| whole.absorbed.contains(id) && whole.feedbacks.is_superset(&order.feedbacks)) {
            return Some(format!("{id} was merged into {into}, which does not go on for it"));
        }
        (order.status != "cancelled").then(|| format!("{id} was merged into {into}, and is {}", order.status))
    }
}
