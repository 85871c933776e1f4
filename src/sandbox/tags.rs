//! Tags on resources, be they there or not (API notes 6.13).

use serde::{Deserialize, Serialize};

use super::moment::Moment;
use super::workspace::Workspace;

/// What tags are put on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Resource {
    /// An instance.
    Instance {
        /// The id of its service.
        service: String,
        /// Its name.
        name: String,
    },
    /// An app of the user's own, by its id.
    MyApp(String),
    /// A page of the user's own, by its id.
    MyPage(String),
}

/// A resource with its tags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tagged {
    /// The resource.
    pub(crate) resource: Resource,
    /// Its tags; there is at least one.
    pub(crate) tags: Vec<String>,
    /// When they were last written.
    pub(crate) updated: Moment,
}

impl Resource {
    /// The word for what it is.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Resource::Instance { .. } => "instance",
            Resource::MyApp(_) => "myapp",
            Resource::MyPage(_) => "mypage",
        }
    }
}

impl Workspace {
    /// What has tags, in the order in which it first got them.
    pub(crate) fn tagged(&self) -> &[Tagged] {
        &self.tagged
    }

    /// Replaces the tags of a resource, which keeps them when it goes; a namesake has them then.
    pub(crate) fn set_tags(&mut self, resource: &Resource, tags: Vec<String>, now: Moment) {
        if tags.is_empty() {
            self.tagged.retain(|tagged| tagged.resource != *resource);
            return;
        }
        let tagged = Tagged {
            resource: resource.clone(),
            tags,
            updated: now,
        };
        match self.tagged.iter_mut().find(|it| it.resource == *resource) {
            Some(before) => *before = tagged,
            None => self.tagged.push(tagged),
        }
    }
}
