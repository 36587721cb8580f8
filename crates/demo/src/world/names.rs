//! Names of things and people.

/// A team with its services.
#[derive(Debug, PartialEq, Eq)]
pub struct Team {
    /// Name, as `owner`.
    pub name: &'static str,
    /// Its people: indices into [`PEOPLE`].
    pub people: &'static [usize],
}

/// The three teams.
pub static TEAMS: [Team; 3] = [
    Team { name: "payments", people: &[0, 1, 2, 3] },
    Team { name: "platform", people: &[2, 4, 5, 6] },
    Team { name: "storefront", people: &[3, 7, 8, 9] },
];

/// Somebody who works there.
#[derive(Debug, PartialEq, Eq)]
pub struct Person {
    /// Number in Redmine and on GitHub.
    pub id: u32,
    /// Login.
    pub login: &'static str,
    /// First and last name.
    pub name: &'static str,
}

const fn person(id: u32, login: &'static str, name: &'static str) -> Person {
    Person { id, login, name }
}

/// Everybody. The last one writes down what customers say.
pub static PEOPLE: [Person; 11] = [
    person(11, "ana", "Ana Lima"),
    person(12, "lee", "Lee Park"),
    person(13, "mara", "Mara Novak"),
    person(14, "noor", "Noor Haddad"),
    person(15, "tomas", "Tomas Berg"),
    person(16, "ivy", "Ivy Chen"),
    person(17, "kofi", "Kofi Mensah"),
    person(18, "jun", "Jun Sato"),
    person(19, "elif", "Elif Kaya"),
    person(20, "piotr", "Piotr Zielinski"),
    person(21, "desk", "Customer Desk"),
];

/// Whoever looks at the demo.
pub static YOU: Person = person(7, "you", "You");

/// Services with the index of their team. The first eight have a part in the story or beside it.
pub const SERVICES: [(&str, usize); 38] = [
    ("checkout", 0),
    ("ledger", 0),
    ("identity", 1),
    ("search", 2),
    ("web", 2),
    ("notify", 1),
    ("pricing", 2),
    ("reports", 0),
    ("gateway", 1),
    ("catalog", 2),
    ("cart", 0),
    ("payments-api", 0),
    ("fraud", 0),
    ("invoices", 0),
    ("refunds", 0),
    ("payouts", 0),
    ("tax", 0),
    ("wallet", 0),
    ("subscriptions", 0),
    ("inventory", 2),
    ("shipping", 2),
    ("returns", 2),
    ("reviews", 2),
    ("recommend", 2),
    ("media", 2),
    ("cms", 2),
    ("promotions", 2),
    ("wishlist", 2),
    ("mobile-bff", 2),
    ("config", 1),
    ("feature-flags", 1),
    ("audit", 1),
    ("billing-jobs", 0),
    ("scheduler", 1),
    ("mailer", 1),
    ("webhooks", 1),
    ("metrics-proxy", 1),
    ("id-mapper", 1),
];

/// Environments, as a version travels.
pub const ENVIRONMENTS: [&str; 5] = ["dev", "stage", "canary", "prod-eu", "prod-us"];

/// What commits do.
pub const SUBJECTS: [&str; 24] = [
    "Cache the price list for a minute",
    "Bump tokio to 1.54",
    "Log the order id with every retry",
    "Drop the old currency table",
    "Read the timeout from the configuration",
    "Show the delivery date in the mail",
    "Split the worker from the server",
    "Return 409 when the cart changed",
    "Make the migration safe to repeat",
    "Measure the queue instead of guessing",
    "Remove the feature flag cart-v2",
    "Sort countries by name",
    "Limit the size of uploads",
    "Use one connection pool",
    "Answer health checks without the database",
    "Fix rounding of half cents",
    "Explain the error for expired cards",
    "Keep the trace id through the queue",
    "Update the base image",
    "Stop sending empty mails",
    "Index orders by customer",
    "Close idle connections",
    "Write amounts with their currency",
    "Test the path without a network",
];

/// Files that commits touch.
pub const FILES: [&str; 10] = [
    "src/http.rs",
    "src/store.rs",
    "src/retry.rs",
    "src/main.rs",
    "src/model/order.rs",
    "tests/flow.rs",
    "Cargo.lock",
    "config/default.toml",
    "migrations/0042_orders.sql",
    "README.md",
];

/// What tickets are about.
pub const COMPLAINTS: [&str; 20] = [
    "Invoice shows the wrong address",
    "Search finds nothing for umlauts",
    "Discount code is refused although it is valid",
    "Mail with the receipt arrives twice",
    "Picture of the product is missing",
    "CSV export has no header",
    "Order stays on “in progress”",
    "Login asks for the code every time",
    "Delivery date lies in the past",
    "Wish: filter by size",
    "Refund is not shown in the account",
    "Basket is empty after signing in",
    "Page jumps while it loads",
    "Price differs between list and page",
    "Wish: save the card for later",
    "Newsletter cannot be cancelled",
    "Wrong VAT for companies abroad",
    "App signs me out overnight",
    "Parcel link leads nowhere",
    "Reviews are sorted strangely",
];

/// Alerts of a storm.
pub const ALARMS: [(&str, &str, &str); 8] = [
    ("HighErrorRate", "critical", "more than 5 % of requests fail"),
    ("SlowResponses", "warning", "p95 is above 800 ms"),
    ("QueueGrows", "warning", "the queue has grown for ten minutes"),
    ("PodRestarts", "warning", "pods restarted more than three times in an hour"),
    ("DiskAlmostFull", "warning", "less than 10 % of the disk is free"),
    ("TargetDown", "critical", "the target does not answer"),
    ("CertificateExpires", "info", "the certificate expires in 13 days"),
    ("ReplicaLag", "high", "the replica is a minute behind"),
];
