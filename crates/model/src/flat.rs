//! How entities are read from JSON: their own members stand beside those of their origin, on one level.
//!
//! Writing that is serde's `flatten`. Reading by the same means would gather every member of the origin in a tree of values
//! first, which takes several times as long, and a start reads ten thousand entities. So what is read has the members of both.

/// Declares an entity that has an origin.
macro_rules! with_origin {
    (
        $(#[$about:meta])*
        pub struct $name:ident {
            $($(#[$of_field:meta])* pub $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        pub struct $name {
            /// Identity and links.
            #[serde(flatten)]
            pub origin: $crate::Origin,
            $($(#[$of_field])* pub $field: $type,)*
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(serde::Deserialize)]
                struct Flat {
                    id: $crate::EntityId,
                    url: Option<String>,
                    #[serde(default)]
                    links: Vec<$crate::Link>,
                    repository: Option<String>,
                    project: Option<String>,
                    changed_at: Option<chrono::DateTime<chrono::Utc>>,
                    $($(#[$of_field])* $field: $type,)*
                }
                let Flat { id, url, links, repository, project, changed_at, $($field,)* } =
                    Flat::deserialize(deserializer)?;
                let origin = $crate::Origin { id, url, links, repository, project, changed_at };
                Ok(Self { origin, $($field,)* })
            }
        }
    };
}
