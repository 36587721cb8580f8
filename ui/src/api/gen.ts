// Written by `cargo xtask codegen` from crates/api. Do not edit.

/**
 * A form of an action.
 */
export type ActionFormView = { 
/**
 * What it is.
 */
offer: ActionOffer, 
/**
 * Fields, prefilled.
 */
fields: Array<FormFieldView>, };

/**
 * An action that can be proposed.
 */
export type ActionOffer = { 
/**
 * Verb.
 */
verb: string, 
/**
 * Button.
 */
label: string, 
/**
 * `undoable`, `visible`, `production`: how it is confirmed.
 */
risk: string, 
/**
 * One sentence: what will happen.
 */
effect: string, 
/**
 * Whether a form has to be filled in (else it needs only a confirmation).
 */
has_form: boolean, 
/**
 * Whether `action_preview` can tell what it will hit.
 */
previews: boolean, 
/**
 * Whether it makes sense for several at once: nothing in its form has to be chosen for each of them.
 */
bulk: boolean, 
/**
 * `None`: it can be done now. Else why it cannot (state, staleness, sign-in).
 */
disabled: string | null, };

/**
 * A form or a preview of an action, or the action itself.
 */
export type ActionReq = { 
/**
 * Entity or source.
 */
target: string, 
/**
 * Verb.
 */
verb: string, 
/**
 * Arguments. Empty for the form.
 */
args: { [key in string]: string }, 
/**
 * `seq` of the row the person saw: refused when the entity changed since. Required by `act` on an entity.
 */
seen_seq: number | null, 
/**
 * One key, one write: made by the front end when the form is opened. Required by `act`.
 */
idempotency_key: string | null, };

/**
 * One row of the actions log.
 */
export type ActionView = { 
/**
 * Idempotency key.
 */
key: string, 
/**
 * Entity or source.
 */
target: string, 
/**
 * Verb.
 */
verb: string, 
/**
 * Label of the verb.
 */
label: string, 
/**
 * `proposed`, `sent`, `settled`.
 */
state: string, 
/**
 * `accepted`, `already_done`, `refused`, `unknown`; absent until settled.
 */
outcome: string | null, 
/**
 * What the backend said, or why not.
 */
message: string | null, 
/**
 * Label of what takes it back (`undo`). Absent: nothing can.
 */
undo: string | null, 
/**
 * Who asked.
 */
actor: string, 
/**
 * When.
 */
proposed_at: string, 
/**
 * When it ended.
 */
settled_at: string | null, };

/**
 * A part of the actions log.
 */
export type ActionsReq = { 
/**
 * Only this target.
 */
target: string | null, 
/**
 * At most so many; `None`: 100.
 */
limit: number | null, };

/**
 * A span of hours that ends with the hour of `as_of`.
 */
export type ActivityReq = { 
/**
 * As of then. `None`: now.
 */
as_of: string | null, };

/**
 * What happened to each service in each part of a span.
 */
export type ActivityView = { 
/**
 * Begin of the first part.
 */
from: string, 
/**
 * End of the last.
 */
to: string, 
/**
 * Seconds of each part.
 */
part_secs: number, 
/**
 * How many parts.
 */
parts: number, 
/**
 * Services with anything to tell; the others had nothing.
 */
services: Array<ServiceActivity>, 
/**
 * Which parts each source was not read in from begin to end: nothing is known of them.
 */
unread: Array<SourceGaps>, };

/**
 * What else is known that concerns an entity.
 */
export type Around = { 
/**
 * The same alert as other sources show it.
 */
siblings: Array<Row>, 
/**
 * It flaps.
 */
flap: FlapView | null, 
/**
 * The alerts that inhibit it.
 */
inhibitors: Array<Inhibitor>, 
/**
 * A ticket: the alert of its service during which it was opened.
 */
during: During | null, 
/**
 * An alert: the deployment that came shortly before it, where that is known for sure.
 */
likely: LikelyView | null, 
/**
 * It begins in the future by so many seconds although its source shows it now: a clock is off, or it was planned.
 */
ahead_secs: number | null, 
/**
 * Its source's clock minus ours, seconds, when it is known to differ by more than a minute.
 */
clock_skew_secs: number | null, };

/**
 * Where the window is to go.
 */
export type Arrival = { 
/**
 * The window's address: `#/alerts?open=…`.
 */
route: string, 
/**
 * The action whose form is to be opened there, by its verb. Never done by itself.
 */
verb: string | null, 
/**
 * Why a link leads nowhere: the window says so, and stays where it is.
 */
refused: string | null, };

/**
 * What the worst of some alerts asks for.
 */
export type AskingView = { 
/**
 * Its status.
 */
status: Status, 
/**
 * Its source is not current: it was so when it was last read.
 */
stale: boolean, };

/**
 * A backend that can be added.
 */
export type BackendView = { 
/**
 * Word in the configuration.
 */
backend: string, 
/**
 * Name.
 */
name: string, 
/**
 * One sentence.
 */
summary: string, 
/**
 * Kinds it observes.
 */
kinds: Array<Kind>, 
/**
 * Placeholder for the address.
 */
url_example: string, 
/**
 * Address when none is given.
 */
default_url: string | null, 
/**
 * Label of the credential's input.
 */
credential_label: string, 
/**
 * Where to get one.
 */
credential_help: string, 
/**
 * Works without one.
 */
credential_optional: boolean, 
/**
 * The GitHub CLI's login can be used.
 */
credential_gh: boolean, 
/**
 * Fields of the settings.
 */
settings: Array<FormFieldView>, 
/**
 * Seconds between polls when idle.
 */
interval_secs: number, 
/**
 * Its README as it was written, Markdown; for terminals.
 */
readme: string, 
/**
 * The same as nodes. Its links are opened by `open_prose_link` under `readme:` and the backend's word.
 */
help: Prose, 
/**
 * What it can propose for one of its settings. `None`: nothing.
 */
proposes: ProposeOffer | null, 
/**
 * SVG; shown as an image, never as markup.
 */
icon: string, 
/**
 * Actions aimed at the source itself.
 */
actions: Array<ActionOffer>, };

/**
 * A window of a grouped list.
 */
export type BoardReq = { 
/**
 * Of which kind.
 */
kind: Kind, 
/**
 * Query; empty: everything.
 */
query: string, 
/**
 * Also what is not current (closed tickets, resolved alerts).
 */
all: boolean, 
/**
 * As of then. `None`: now.
 */
as_of: string | null, 
/**
 * What to group by: `service`, `name`, `severity`, `receiver`, `environment`, `source`, `type`, `priority`,
 * `assignee`, `label:NAME`. Empty: not at all. `None`: not at all, but alerts by service and name in a storm.
 */
group: Array<string> | null, 
/**
 * Keys of the groups that are open; with `inverted`, of those that are not.
 */
open: Array<string>, 
/**
 * Every group is open but those named.
 */
inverted: boolean, 
/**
 * Whether the last answer told of a storm: one does not end with the first alert that stops.
 */
storm: boolean, 
/**
 * First line.
 */
offset: number, 
/**
 * Lines, at most 200.
 */
limit: number, 
/**
 * Answer `unchanged` when nothing changed since. Only for the same question.
 */
seen_seq: number | null, };

/**
 * A window of a grouped list.
 */
export type BoardView = { 
/**
 * Nothing changed since `seen_seq`: keep what you have (lines are left out).
 */
unchanged: boolean, 
/**
 * The lines from `offset` on, at most 200: groups, and the entities of those that are open.
 */
lines: Array<Line>, 
/**
 * How many lines there are in all.
 */
total: number, 
/**
 * How many entities match; the same alert of several sources counts once.
 */
count: number, 
/**
 * How many entities there would be without the filter (each source's by itself).
 */
unfiltered: number, 
/**
 * How many of them fire.
 */
firing: number, 
/**
 * More match than were read (50,000): the counts are of those.
 */
cut: boolean, 
/**
 * What the lines are grouped by now.
 */
group: Array<string>, 
/**
 * So many alerts fire that they were grouped unasked.
 */
storm: boolean, 
/**
 * What they can be grouped by, labels after the rest, the most common first.
 */
keys: Array<KeyView>, 
/**
 * Number of the latest change in it.
 */
seq: number, 
/**
 * Sources that observe this kind.
 */
sources: Array<SourceView>, 
/**
 * When the last entity of the kind changed its state to a closed one.
 */
last_closed: TransitionView | null, };

/**
 * Where a line broke.
 */
export type BrokeView = { 
/**
 * The last run that passed. `None`: it failed as far back as is known.
 */
last_good: LineRunView | null, 
/**
 * The first run that failed and has failed since.
 */
first_bad: LineRunView, 
/**
 * The runs after the last good one up to the first bad one, newest first: one of them brought it.
 */
range: Array<LineRunView>, 
/**
 * Who caused those runs, each once.
 */
authors: Array<string>, };

/**
 * A chart as shapes. It holds numbers only.
 */
export type ChartDrawing = { 
/**
 * Width, pixels.
 */
width: number, 
/**
 * Height, pixels.
 */
height: number, 
/**
 * The foot of the chart, pixels from the top.
 */
foot: number, 
/**
 * Shapes, the lowest first.
 */
layers: Array<ChartLayer>, 
/**
 * Values beside the grid.
 */
values: Array<ChartValue>, 
/**
 * Times below it.
 */
times: Array<ChartTime>, };

/**
 * Which chart.
 */
export type ChartKind = "alerts" | "deployments" | "durations";

/**
 * How well a part was read.
 */
export type ChartKnown = "read" | "partly" | "unread";

/**
 * All shapes that mean one thing.
 */
export type ChartLayer = { 
/**
 * `unread`, `partly`, `grid`, `bar`, `at_least`, `bad`, `spread`, `middle`.
 */
ink: string, 
/**
 * Path data of SVG.
 */
d: string, };

/**
 * One part of a chart. `chart_rows` with its times tells which rows made it.
 */
export type ChartMark = { 
/**
 * Begin, inclusive.
 */
from: string, 
/**
 * End, exclusive.
 */
until: string, 
/**
 * How well it was read.
 */
known: ChartKnown, 
/**
 * Sources that were not read from begin to end.
 */
missing: Array<string>, 
/**
 * How many.
 */
count: number, 
/**
 * How many of them page, fail or failed.
 */
bad: number, 
/**
 * Median, seconds. `None`: no run ended, or another chart.
 */
median_secs: number | null, 
/**
 * What nine of ten took, seconds. `None`: no run ended, or another chart.
 */
p90_secs: number | null, 
/**
 * Left edge in the drawing, pixels.
 */
x: number, 
/**
 * Width in the drawing, pixels.
 */
width: number, 
/**
 * Its value in the drawing, pixels from the top.
 */
y: number, };

/**
 * A row that made a number of a chart.
 */
export type ChartRow = { 
/**
 * Entity id.
 */
id: string, 
/**
 * Its title.
 */
title: string, 
/**
 * Its service.
 */
service: string | null, 
/**
 * Its environment.
 */
environment: string | null, 
/**
 * When it began (alerts, deployments) or ended (runs).
 */
at: string, 
/**
 * It pages, fails or failed.
 */
bad: boolean, 
/**
 * How long it took, seconds. `None`: it is no run.
 */
secs: number | null, };

/**
 * Asks which rows made a part of a chart.
 */
export type ChartRowsReq = { 
/**
 * Which chart.
 */
chart: ChartKind, 
/**
 * As in the chart; a `during:` in it is left out.
 */
query: string, 
/**
 * From, inclusive.
 */
from: string, 
/**
 * To, exclusive.
 */
to: string, 
/**
 * As in the chart.
 */
as_of: string | null, };

/**
 * The rows that made a part of a chart.
 */
export type ChartRowsView = { 
/**
 * Oldest first, at most 500: the newest.
 */
rows: Array<ChartRow>, 
/**
 * How many there are in all.
 */
count: number, };

/**
 * What a chart shows in all: the parts of a sentence.
 */
export type ChartSummary = { 
/**
 * How many alerts, deployments or runs.
 */
count: number, 
/**
 * How many of them page or fail (alerts), or failed (deployments, runs).
 */
bad: number, 
/**
 * The part with most of them, or where the median was longest. `None`: there is nothing anywhere.
 */
peak: number | null, 
/**
 * Median of all, seconds. `None`: no runs, or another chart.
 */
median_secs: number | null, 
/**
 * What nine of ten took, seconds. `None`: no runs, or another chart.
 */
p90_secs: number | null, 
/**
 * Parts that were not read from begin to end by every source: what is counted there is the least there was.
 */
unread: number, 
/**
 * Runs that ended and are left out: cancelled, skipped, or the backend does not tell when they began.
 */
excluded: number, 
/**
 * Nobody observes what this chart counts.
 */
unobserved: boolean, 
/**
 * More happened than is counted; the oldest is missing, and the parts it is missing from count as not read.
 */
truncated: boolean, };

/**
 * A time of the axis.
 */
export type ChartTime = { 
/**
 * When.
 */
at: string, 
/**
 * Pixels from the left.
 */
x: number, };

/**
 * A value of the grid.
 */
export type ChartValue = { 
/**
 * How many, or how many seconds.
 */
value: number, 
/**
 * Pixels from the top.
 */
y: number, };

/**
 * One chart.
 */
export type ChartView = { 
/**
 * Which.
 */
chart: ChartKind, 
/**
 * What it shows in all.
 */
summary: ChartSummary, 
/**
 * Its parts, oldest first: what is counted in them, and where they lie in the drawing.
 */
marks: Array<ChartMark>, 
/**
 * The picture.
 */
drawing: ChartDrawing, };

/**
 * Asks for all charts of a span of time.
 */
export type ChartsReq = { 
/**
 * Of which services and environments; empty: all. A `during:` in it is the span of time.
 */
query: string, 
/**
 * Without `during:`: so many hours up to now. At most 168.
 */
hours: number, 
/**
 * As of then instead of now: the span ends there. What is known now of that time is told.
 */
as_of: string | null, 
/**
 * How many minutes the reader's clock is ahead of UTC: the parts are round on it.
 */
ahead_mins: number, 
/**
 * Width of a drawing, pixels.
 */
width: number, 
/**
 * Height of a drawing, pixels.
 */
height: number, };

/**
 * All charts of a span of time.
 */
export type ChartsView = { 
/**
 * Begin of the span.
 */
from: string, 
/**
 * Its end; lies ahead while the last part is not over.
 */
to: string, 
/**
 * Seconds of each part; the first and the last may be shorter.
 */
part_secs: number, 
/**
 * The charts, always all three.
 */
charts: Array<ChartView>, 
/**
 * Sources whose health says how far this can be trusted.
 */
sources: Array<SourceView>, };

/**
 * One step of the report.
 */
export type CheckStepView = { 
/**
 * What was tried.
 */
name: string, 
/**
 * `ok`, `warning`, `failed`.
 */
outcome: string, 
/**
 * What was found, and what to do when it failed.
 */
text: string, };

/**
 * Report of "Test connection".
 */
export type CheckView = { 
/**
 * Whether the connection can be used.
 */
passed: boolean, 
/**
 * Steps, in order.
 */
steps: Array<CheckStepView>, 
/**
 * Who the credential belongs to.
 */
identity: string | null, 
/**
 * Version of the backend.
 */
version: string | null, };

/**
 * One choice.
 */
export type ChoiceView = { 
/**
 * What is sent.
 */
value: string, 
/**
 * What is shown.
 */
label: string, };

/**
 * A comment.
 */
export type CommentView = { 
/**
 * Who.
 */
author: string, 
/**
 * When.
 */
at: string | null, 
/**
 * As it was written.
 */
text: string, 
/**
 * The same as nodes.
 */
prose: Prose, };

/**
 * One commit.
 */
export type CommitView = { 
/**
 * The whole hash.
 */
sha: string, 
/**
 * The first line of its message.
 */
title: string, 
/**
 * Who wrote it.
 */
author: string | null, 
/**
 * When it was written.
 */
at: string | null, 
/**
 * Its page, if it may be opened.
 */
url: string | null, };

/**
 * Two versions to compare.
 */
export type CompareReq = { 
/**
 * A run or a deployment: the older one. `None`: the last one of the line of `to` before it that was good, or that
 * went live; then `to` is a run or a deployment.
 */
from: string | null, 
/**
 * Another run or deployment, or a branch, tag or commit: the newer one.
 */
to: string, };

/**
 * What the newer version has that the older one has not.
 */
export type CompareView = { 
/**
 * The older run or deployment.
 */
from: string, 
/**
 * What it is called: its version or number.
 */
from_title: string, 
/**
 * The older commit.
 */
base: string, 
/**
 * The newer commit, or what was asked for.
 */
head: string, 
/**
 * Commits the newer one has and the older one has not. `None`: the backend does not tell.
 */
ahead_by: number | null, 
/**
 * Commits the older one has and the newer one has not: above 0 it goes back, or lies on another branch. `None`: the
 * backend does not tell.
 */
behind_by: number | null, 
/**
 * The commits, newest first; at most 250.
 */
commits: Array<CommitView>, 
/**
 * Who wrote them, each once, in the order of the commits.
 */
authors: Array<string>, 
/**
 * Files that differ. `None`: the backend does not tell.
 */
files_changed: number | null, 
/**
 * Tickets that the commits name.
 */
tickets: Array<TicketRefView>, 
/**
 * There are more commits or files than are counted here.
 */
truncated: boolean, 
/**
 * The backend's own page, if it may be opened.
 */
url: string | null, 
/**
 * When the backend was asked.
 */
at: string, };

/**
 * The configuration file.
 */
export type ConfigView = { 
/**
 * Where it is.
 */
path: string, 
/**
 * Mistakes and warnings in it.
 */
problems: Array<Notice>, };

/**
 * A connection as written in the configuration. No secret is ever in it.
 */
export type ConnectionDraft = { 
/**
 * Id: lower-case letters, digits, `-`, `_`, `.`.
 */
id: string, 
/**
 * Backend word.
 */
backend: string, 
/**
 * Address. Empty: the backend's default.
 */
url: string, 
/**
 * `keychain`, `env:NAME`, `gh`, `none`.
 */
credential: string, 
/**
 * Seconds between polls. `None`: the backend's own.
 */
interval_secs: number | null, 
/**
 * PEM file with certificates to trust besides the system's.
 */
ca_file: string | null, 
/**
 * The backend's own settings by key; lists one item a line; tables as JSON.
 */
settings: { [key in string]: string }, };

/**
 * A connection by id.
 */
export type ConnectionIdReq = { 
/**
 * Its id.
 */
id: string, };

/**
 * A connection to test or to save, with a new secret or without.
 */
export type ConnectionReq = { 
/**
 * What is configured.
 */
draft: ConnectionDraft, 
/**
 * The connection it replaces; `None`: a new one.
 */
replaces: string | null, 
/**
 * A new secret. `None`: keep the one there is. Goes in, never out.
 */
secret: string | null, 
/**
 * Keep the secret in memory only.
 */
session_only: boolean, };

/**
 * A configured connection.
 */
export type ConnectionView = { 
/**
 * What was configured.
 */
draft: ConnectionDraft, 
/**
 * Backend name.
 */
backend_name: string, 
/**
 * Its credential was given for one session of the window and is not in the keychain, whatever `draft.credential`
 * says: after that session it is asked for again.
 */
session_only: boolean, 
/**
 * Its health. `None`: its configuration cannot be used; see `problem`.
 */
health: HealthView | null, 
/**
 * Why it cannot be used, or what could not be read.
 */
problems: Array<string>, 
/**
 * Requests sent in the last hour.
 */
requests_last_hour: number, 
/**
 * Those that came back as unchanged (304).
 */
unchanged_last_hour: number, 
/**
 * Actions aimed at the source itself (create a ticket, force a build).
 */
actions: Array<ActionOffer>, };

/**
 * A number beside a kind.
 */
export type CountView = { 
/**
 * Kind.
 */
kind: Kind, 
/**
 * Status.
 */
status: Status, 
/**
 * How many.
 */
count: number, 
/**
 * How many of them only sources tell of that are not current.
 */
stale: number, };

/**
 * A chapter of the story.
 */
export type DemoChapter = { 
/**
 * Its word.
 */
key: string, 
/**
 * What it is called.
 */
title: string, 
/**
 * When everything of it can be seen.
 */
at: string, };

/**
 * How the demo is left.
 */
export type DemoLeaveReq = { 
/**
 * To the connections, where one can be added.
 */
connect: boolean, };

/**
 * How the demo goes on. What is not given stays.
 */
export type DemoReq = { 
/**
 * Let time pass, or stop it.
 */
playing: boolean | null, 
/**
 * Simulated seconds in a real one, 1 to 60.
 */
speed: number | null, 
/**
 * Go to this chapter: onwards through those between, or back to a world in which nobody did anything yet.
 */
chapter: string | null, };

/**
 * The simulated world this is a demo of.
 */
export type DemoView = { 
/**
 * What the company is called.
 */
company: string, 
/**
 * The simulated time.
 */
now: string, 
/**
 * Time passes. Never where the story ends.
 */
playing: boolean, 
/**
 * How many simulated seconds pass in a real one while it plays.
 */
speed: number, 
/**
 * Key of the chapter that was reached last.
 */
chapter: string, 
/**
 * All chapters, in their order.
 */
chapters: Array<DemoChapter>, };

/**
 * Runs whose environments are asked for.
 */
export type DeployingReq = { 
/**
 * Their ids, at most 200.
 */
ids: Array<string>, };

/**
 * A run that deploys.
 */
export type DeployingView = { 
/**
 * The run.
 */
run: string, 
/**
 * Where it deploys to.
 */
environments: Array<RunEnvironmentView>, };

/**
 * One deployment in the row of those before it.
 */
export type DeploymentStep = { 
/**
 * The deployment.
 */
row: Row, 
/**
 * It is what is live.
 */
live: boolean, 
/**
 * It went back to an earlier version.
 */
rollback: boolean, 
/**
 * It was taken back, so many seconds after it went live.
 */
taken_back_after_secs: number | null, 
/**
 * Seconds it took. `None`: not known.
 */
secs: number | null, };

/**
 * The deployments of one service to one environment.
 */
export type DeploymentsReq = { 
/**
 * The service.
 */
service: string, 
/**
 * The environment.
 */
environment: string, 
/**
 * As of then. `None`: now.
 */
as_of: string | null, };

/**
 * The deployments of one service to one environment, newest first.
 */
export type DeploymentsView = { 
/**
 * At most 50.
 */
steps: Array<DeploymentStep>, 
/**
 * How many are known in all.
 */
total: number, };

/**
 * Details fetched on demand.
 */
export type DetailView = { 
/**
 * In the order in which they are shown.
 */
sections: Array<SectionView>, 
/**
 * When they were read.
 */
at: string, };

/**
 * Says that something was done.
 */
export type Done = { 
/**
 * What, in a few words; may be empty.
 */
message: string, };

/**
 * How an environment stands behind the one its versions come from.
 */
export type DriftView = { 
/**
 * That environment.
 */
environment: string, 
/**
 * What is live there.
 */
version: string, 
/**
 * The deployment that is live there.
 */
deployment: string, 
/**
 * How many versions that went live there are missing here. `None`: they cannot be counted.
 */
versions: number | null, 
/**
 * Since when the oldest of them waits there; without a count, since when its version is live.
 */
since: string | null, };

/**
 * An alert that fired while a ticket was opened.
 */
export type During = { 
/**
 * The alert.
 */
id: string, 
/**
 * Its name.
 */
title: string, 
/**
 * How bad.
 */
severity: Severity, 
/**
 * Begin.
 */
from: string, 
/**
 * End. `None`: it has not ended.
 */
to: string | null, };

/**
 * An entity.
 */
export type EntityLine = { 
/**
 * The entity; of an alert that several sources show, the worst.
 */
row: Row, 
/**
 * It stands in an open group.
 */
inside: boolean, 
/**
 * The connections that show it, the row's own first.
 */
sources: Array<string>, 
/**
 * It flaps.
 */
flap: FlapView | null, 
/**
 * The alerts that inhibit it.
 */
inhibitors: Array<Inhibitor>, 
/**
 * A ticket: the alert of its service during which it was opened.
 */
during: During | null, };

/**
 * One entity.
 */
export type EntityReq = { 
/**
 * Its id.
 */
id: string, 
/**
 * As of then. `None`: now. Ignored by `detail` and `log`, which ask the backend.
 */
as_of: string | null, };

/**
 * Everything known of one entity without asking its backend.
 */
export type EntityView = { 
/**
 * The row.
 */
row: Row, 
/**
 * Names and values, in order.
 */
fields: Array<FieldView>, 
/**
 * Its links; opened by `open_link` with the index.
 */
links: Array<LinkView>, 
/**
 * Its transitions, oldest first.
 */
history: Array<TransitionView>, 
/**
 * What can be done with it now.
 */
actions: Array<ActionOffer>, 
/**
 * What was done with it, newest first.
 */
log: Array<ActionView>, 
/**
 * Whether `log` (the failing step) can be asked for.
 */
has_log: boolean, 
/**
 * What else is known that concerns it.
 */
around: Around, };

/**
 * What runs in an environment.
 */
export type EnvCell = { 
/**
 * Environment.
 */
environment: string, 
/**
 * Tier.
 */
tier: Tier, 
/**
 * The deployment that is live there (last succeeded). `None`: none is known.
 */
live: string | null, 
/**
 * Its version.
 */
live_version: string | null, 
/**
 * Since when.
 */
live_since: string | null, 
/**
 * The latest deployment, when it is not the live one.
 */
latest: string | null, 
/**
 * Its version.
 */
latest_version: string | null, 
/**
 * Status of the latest.
 */
status: Status, 
/**
 * The source is not current.
 */
stale: boolean, 
/**
 * The worst of the alerts that name this environment; `status` says nothing of them. `None`: none that asks for
 * anybody is known.
 */
alerts: AskingView | null, 
/**
 * How it stands behind the environment its versions come from. `None`: both run the same, or that is not known.
 */
drift: DriftView | null, };

/**
 * A column of the matrix.
 */
export type EnvHead = { 
/**
 * Name.
 */
name: string, 
/**
 * What it is for, inferred from its name.
 */
tier: Tier, };

/**
 * An environment to narrow views to.
 */
export type EnvironmentChoice = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its tier, inferred from the name.
 */
tier: Tier, };

/**
 * Asks what a connection will cost.
 */
export type EstimateReq = { 
/**
 * Backend word.
 */
backend: string, 
/**
 * How many values are chosen.
 */
values: number, 
/**
 * Seconds between polls. `None`: the backend's own.
 */
interval_secs: number | null, 
/**
 * Requests of the backend's quota window, where it is known.
 */
quota_limit: number | null, 
/**
 * It has a credential.
 */
signed_in: boolean, };

/**
 * What a connection will cost in an hour, at the most.
 */
export type EstimateView = { 
/**
 * Nobody looks and nothing runs; the window shows what it observes; something runs at one of the values.
 */
hours: Array<HourView>, 
/**
 * Unchanged answers are free of the quota.
 */
unchanged_is_free: boolean, 
/**
 * Percent of the quota after which polls wait for the next window (`[polling] budget_percent`).
 */
ceiling_percent: number, };

/**
 * A part of the log of the first failing step: a few lines around the first one that names an error.
 */
export type ExcerptView = { 
/**
 * The job.
 */
job: string, 
/**
 * The step. `None` where the backend's logs have no steps.
 */
step: string | null, 
/**
 * The lines.
 */
lines: Array<string>, 
/**
 * Which of the lines names the error, counted from 0. `None`: none does, and the lines are the end.
 */
error: number | null, 
/**
 * Lines of the log's tail that stand before, and are not shown.
 */
before: number, 
/**
 * Lines that stand after, and are not shown.
 */
after: number, 
/**
 * The log is longer than what was read: there may be an earlier error.
 */
truncated: boolean, };

/**
 * A name and a value.
 */
export type FieldView = { 
/**
 * Name.
 */
name: string, 
/**
 * Value.
 */
value: string, 
/**
 * The value is an identifier, a version or code: draw it in the monospaced face.
 */
mono: boolean, };

/**
 * An alert that fires and stops again and again.
 */
export type FlapView = { 
/**
 * How often it stopped within the last hour.
 */
per_hour: number, 
/**
 * When it last changed.
 */
last: string, };

/**
 * A link to follow.
 */
export type FollowLinkReq = { 
/**
 * As it came: `quarterdeck://…`.
 */
link: string, };

/**
 * One field of a form.
 */
export type FormFieldView = { 
/**
 * Key in the arguments.
 */
key: string, 
/**
 * Label.
 */
label: string, 
/**
 * One sentence of help; may be empty.
 */
help: string, 
/**
 * `text`, `long_text`, `list`, `number`, `flag`, `choice`, `duration`, `matchers`, `tables`.
 */
kind: string, 
/**
 * Must be filled in.
 */
required: boolean, 
/**
 * Proposed value.
 */
value: string, 
/**
 * Choices, for `choice`.
 */
choices: Array<ChoiceView>, };

/**
 * A group.
 */
export type GroupLine = { 
/**
 * Its key, for [`BoardReq::open`].
 */
key: string, 
/**
 * One value for each word of [`BoardView::group`]; `None`: its members have none.
 */
values: Array<string | null>, 
/**
 * Whether its members follow.
 */
open: boolean, 
/**
 * How many entities.
 */
count: number, 
/**
 * How many fire.
 */
firing: number, 
/**
 * How many are silenced or inhibited.
 */
suppressed: number, 
/**
 * Firing ones by severity, worst first.
 */
severities: Array<SeverityCount>, 
/**
 * The worst status in it.
 */
status: Status, 
/**
 * When the newest happened.
 */
newest: string | null, 
/**
 * One of its members has a source that is not current.
 */
stale: boolean, };

/**
 * One thing that happened to an entity.
 */
export type Happened = { 
/**
 * Entity id.
 */
id: string, 
/**
 * `deployed`, `rolled_back`, `deployment_failed`, `run_failed`, `alert_fired`, `ticket_opened`.
 */
what: string, 
/**
 * Status it gave.
 */
status: Status, 
/**
 * Its title.
 */
title: string, 
/**
 * Its service.
 */
service: string | null, 
/**
 * Its environment.
 */
environment: string | null, 
/**
 * When.
 */
at: string, 
/**
 * Until when an alert fired. `None` while it does, and for all others.
 */
until: string | null, };

/**
 * How many entities something happened to.
 */
export type HappenedCount = { 
/**
 * As in [`Happened`].
 */
what: string, 
/**
 * Entities; one to which it happened twice counts once.
 */
count: number, };

/**
 * Asks which rows made a part of the strip.
 */
export type HappenedReq = { 
/**
 * From, inclusive.
 */
from: string, 
/**
 * To, exclusive.
 */
to: string, 
/**
 * Of which services and environments; empty: all.
 */
query: string, 
/**
 * At most so many of each kind, and 500.
 */
limit: number, };

/**
 * What happened in a span of time.
 */
export type HappenedView = { 
/**
 * What happened, oldest first.
 */
items: Array<Happened>, 
/**
 * How many entities of each sort; sorts of which there are none are left out.
 */
counts: Array<HappenedCount>, 
/**
 * There are more than were counted.
 */
at_least: boolean, 
/**
 * More happened than is listed; the oldest is missing.
 */
truncated: boolean, 
/**
 * Sources that were not read all the time: what happened then may be missing.
 */
unread: Array<string>, };

/**
 * Health of a source, ready to be shown.
 */
export type HealthView = { 
/**
 * `new`, `fresh`, `unreachable`, `throttled`, `needs_sign_in`, `forbidden`, `unexpected`, `misconfigured`, `paused`.
 */
state: string, 
/**
 * Whether what the source said may be drawn as current.
 */
current: boolean, 
/**
 * Since when it is in this state.
 */
since: string, 
/**
 * When a complete poll last succeeded.
 */
as_of: string | null, 
/**
 * When it is tried next.
 */
next_at: string | null, 
/**
 * Cause, missing permission, or machine word of the reason; belongs to the state.
 */
cause: string | null, 
/**
 * What the machine word in `cause` is about: the variable of `env_unset`; `none` where no credential is configured.
 */
about: string | null, 
/**
 * No request before this instant (throttled).
 */
until: string | null, 
/**
 * Seconds between polls.
 */
interval_secs: number, 
/**
 * Requests allowed per window.
 */
quota_limit: number | null, 
/**
 * Requests left.
 */
quota_remaining: number | null, 
/**
 * When the window begins anew.
 */
quota_resets_at: string | null, 
/**
 * The source's clock minus ours, seconds, when it is off by more than a minute.
 */
clock_skew_secs: number | null, 
/**
 * Version of the backend.
 */
version: string | null, };

/**
 * What an hour costs.
 */
export type HourView = { 
/**
 * `idle`, `watched`, `running`.
 */
pace: string, 
/**
 * Requests sent.
 */
requests: number, 
/**
 * Those that count against the quota.
 */
counted: number, 
/**
 * Their share of the quota, rounded up. `None`: the quota is not known.
 */
percent: number | null, };

/**
 * An alert that keeps another from notifying.
 */
export type Inhibitor = { 
/**
 * As the backend names it.
 */
fingerprint: string, 
/**
 * Its entity. `None`: it is not known here.
 */
id: string | null, 
/**
 * Its name. `None`: it is not known here.
 */
title: string | null, };

/**
 * A job.
 */
export type JobView = { 
/**
 * Name.
 */
name: string, 
/**
 * Status.
 */
status: Status, 
/**
 * State word.
 */
state: string, 
/**
 * The backend's word.
 */
raw_status: string, 
/**
 * Worker.
 */
worker: string | null, 
/**
 * Begin.
 */
started_at: string | null, 
/**
 * End.
 */
finished_at: string | null, 
/**
 * Steps.
 */
steps: Array<StepView>, };

/**
 * Something a list can be grouped by.
 */
export type KeyView = { 
/**
 * The word of [`BoardReq::group`].
 */
key: string, 
/**
 * How many entities have a value for it.
 */
count: number, };

/**
 * State of the OS keychain.
 */
export type KeychainView = { 
/**
 * Machine word: `ready`, `no_session_bus`, `no_service`, `no_collection`, `locked`, `prompt_ignored`, `read_only`,
 * `unsupported`.
 */
state: string, 
/**
 * What that means and what to do next.
 */
message: string, };

/**
 * See `qd_model::Kind`.
 */
export type Kind = "run" | "deployment" | "alert" | "ticket";

/**
 * The deployment of an alert's service that came shortly before it.
 */
export type LikelyView = { 
/**
 * The deployment.
 */
id: string, 
/**
 * What went there. `None`: nobody tells.
 */
version: string | null, 
/**
 * Where to.
 */
environment: string | null, 
/**
 * Who or what started it.
 */
author: string | null, 
/**
 * How it ended, or that it has not.
 */
status: Status, 
/**
 * When it began.
 */
began: string, 
/**
 * How many seconds before the alert that was.
 */
before_secs: number, 
/**
 * How many more deployments of the service began within the hour before the alert.
 */
others: number, };

/**
 * One line of a grouped list.
 */
export type Line = { "line": "group" } & GroupLine | { "line": "entity" } & EntityLine;

/**
 * A run whose line is asked for.
 */
export type LineReq = { 
/**
 * Its id.
 */
id: string, };

/**
 * One run of a line.
 */
export type LineRunView = { 
/**
 * Entity id.
 */
id: string, 
/**
 * The number people use.
 */
number: string, 
/**
 * Commit subject or run title.
 */
title: string, 
/**
 * Status.
 */
status: Status, 
/**
 * Commit.
 */
revision: string | null, 
/**
 * Who caused it.
 */
author: string | null, 
/**
 * When it began, else when it was queued.
 */
at: string | null, 
/**
 * Seconds it took, or has taken so far. `None`: not known, or not begun.
 */
secs: number | null, 
/**
 * Seconds it stood in the queue. `None`: not known, or a further attempt.
 */
queue_secs: number | null, 
/**
 * 1 for the first try; `None` where the backend does not count.
 */
attempt: number | null, };

/**
 * The line of a run (its pipeline on its ref), judged from its last 40 runs.
 */
export type LineView = { 
/**
 * `healthy`, `broken`, `flaky`, or `unknown`: too little history, or its source cannot be read now.
 */
health: string, 
/**
 * Its source cannot be read now: this is how it was.
 */
stale: boolean, 
/**
 * Runs that passed or failed.
 */
counted: number, 
/**
 * How many of them passed.
 */
passed: number, 
/**
 * Commits that passed and failed.
 */
flaky_commits: number, 
/**
 * How many in a row failed, up to the newest.
 */
streak: number, 
/**
 * Median of the last successful runs, seconds. `None`: fewer than three.
 */
usual_secs: number | null, 
/**
 * Median time in the queue, seconds. `None`: fewer than three runs tell.
 */
usual_queue_secs: number | null, 
/**
 * The run that was asked for.
 */
this: LineRunView, 
/**
 * It takes, or took, notably longer than usual.
 */
over: boolean, 
/**
 * The last runs, newest first, at most 40.
 */
runs: Array<LineRunView>, 
/**
 * Where it broke. `None`: it is not broken.
 */
broke: BrokeView | null, 
/**
 * The environments this run deploys to.
 */
environments: Array<RunEnvironmentView>, };

/**
 * An address that passed the check.
 */
export type LinkAddress = { 
/**
 * It.
 */
url: string, };

/**
 * Where a link leads.
 */
export type LinkTarget = { 
/**
 * The window's address: `#/alerts?open=…`.
 */
route: string, };

/**
 * A link of an entity.
 */
export type LinkView = { 
/**
 * What `open_link` wants.
 */
index: number, 
/**
 * `page`, `runbook`, `generator`, `dashboard`, `change`, `log`, `environment`, `other`.
 */
kind: string, 
/**
 * Scheme, host and port, as ASCII (punycode): what the person should see before opening.
 */
host: string, 
/**
 * Why it is not opened. `None`: it is.
 */
refused: string | null, };

/**
 * Tail of a log.
 */
export type LogView = { 
/**
 * Job.
 */
job: string, 
/**
 * Step.
 */
step: string | null, 
/**
 * Lines, newest last.
 */
lines: Array<string>, 
/**
 * Something was cut off before them.
 */
truncated: boolean, };

/**
 * A window of the matrix.
 */
export type MatrixReq = { 
/**
 * Query; empty: everything.
 */
query: string, 
/**
 * As of then. `None`: now.
 */
as_of: string | null, 
/**
 * First row.
 */
offset: number, 
/**
 * Rows, at most 200.
 */
limit: number, 
/**
 * Answer `unchanged` when nothing changed since.
 */
seen_seq: number | null, };

/**
 * A row of the matrix.
 */
export type MatrixRow = { 
/**
 * The service.
 */
service: string, 
/**
 * Guessed from a repository, label or project.
 */
inferred: boolean, 
/**
 * Worst of its cells.
 */
status: Status, 
/**
 * One of its cells is not current.
 */
stale: boolean, 
/**
 * The worst of the service's alerts that name none of its environments. `None`: none that asks for anybody is known.
 */
alerts: AskingView | null, 
/**
 * What runs in each environment it was ever deployed to, in the order of the columns.
 */
cells: Array<EnvCell>, };

/**
 * A window of the matrix of services and environments.
 */
export type MatrixView = { 
/**
 * Nothing changed since `seen_seq`: keep what you have (the rest is empty).
 */
unchanged: boolean, 
/**
 * In the order a version travels, development first.
 */
environments: Array<EnvHead>, 
/**
 * Worst first.
 */
rows: Array<MatrixRow>, 
/**
 * How many rows there are in all.
 */
total: number, 
/**
 * How many there would be without the query.
 */
unfiltered: number, 
/**
 * Services in which an environment stands behind the one before it.
 */
drifting: number, 
/**
 * Sources that observe deployments.
 */
sources: Array<SourceView>, 
/**
 * Number of the latest change.
 */
seq: number, };

/**
 * What views can be narrowed to.
 */
export type NarrowView = { 
/**
 * Services that are configured, or that something current belongs to.
 */
services: Array<ServiceChoice>, 
/**
 * Owners that are configured.
 */
owners: Array<string>, 
/**
 * Environments of what is current, production first.
 */
environments: Array<EnvironmentChoice>, };

/**
 * One thing that waits for the person.
 */
export type NeedsYou = { 
/**
 * The row.
 */
row: Row, 
/**
 * What failed with it and has no row of its own: the deployments a run made.
 */
with: Array<Row>, 
/**
 * How many further alerts of its name, service and environment have no row of their own.
 */
alike: number, 
/**
 * Machine word of the reason it is here: see [`Reason::code`].
 */
reason: string, 
/**
 * Since when.
 */
since: string | null, 
/**
 * What helps most: `log` (read it), `act` (the action beside), `open` (look at it).
 */
best: string, 
/**
 * The one best action of its backend.
 */
action: ActionOffer | null, };

/**
 * A note to be kept.
 */
export type NoteAddReq = { 
/**
 * Entity, or `service:NAME`.
 */
subject: string, 
/**
 * Plain text of at most 4,000 characters.
 */
text: string, };

/**
 * A note by its number.
 */
export type NoteIdReq = { 
/**
 * Its number.
 */
id: number, };

/**
 * One note.
 */
export type NoteView = { 
/**
 * Its number.
 */
id: number, 
/**
 * What it is written on: an entity's id, or `service:NAME`.
 */
subject: string, 
/**
 * Kind of the entity. `None`: it is written on a service.
 */
kind: Kind | null, 
/**
 * Title of the entity, or name of the service. `None`: the entity is not known any more.
 */
title: string | null, 
/**
 * Plain text, with line breaks. Never markup.
 */
text: string, 
/**
 * Name under which the person who wrote it was logged in.
 */
author: string, 
/**
 * When it was written.
 */
at: string, 
/**
 * It was written before the alert it is on began to fire this time.
 */
earlier_firing: boolean, };

/**
 * Which notes are wanted.
 */
export type NotesReq = { 
/**
 * Entity, or `service:NAME`. `None`: all of them.
 */
subject: string | null, 
/**
 * Words that text, author or subject have. Empty: whatever they say.
 */
words: string, 
/**
 * Only those written by then. `None`: all.
 */
as_of: string | null, 
/**
 * At most so many, up to 500; `None`: 100.
 */
limit: number | null, };

/**
 * Notes, newest first.
 */
export type NotesView = { 
/**
 * The notes, at most as many as were asked for.
 */
notes: Array<NoteView>, 
/**
 * How many there are in all.
 */
total: number, 
/**
 * Under which name a note would be written now.
 */
author: string, 
/**
 * Characters a note may have.
 */
longest: number, };

/**
 * Asks for nothing in particular.
 */
export type Nothing = Record<symbol, never>;

/**
 * A thing the person has to know.
 */
export type Notice = { 
/**
 * Machine word: `config_broken`, `config_warning`, `history_set_aside`, `history_not_saved`, `keychain`.
 */
code: string, 
/**
 * What happened and what to do.
 */
message: string, 
/**
 * File, when there is one.
 */
file: string | null, 
/**
 * Line in it, from 1.
 */
line: number | null, };

/**
 * A link of an entity.
 */
export type OpenLinkReq = { 
/**
 * Its id.
 */
id: string, 
/**
 * Which of its links; 0 is its page.
 */
index: number, };

/**
 * The overview.
 */
export type OverviewReq = { 
/**
 * Query; empty: everything.
 */
query: string, 
/**
 * As of then. `None`: now.
 */
as_of: string | null, 
/**
 * Answer `unchanged` when nothing changed since.
 */
seen_seq: number | null, };

/**
 * The overview.
 */
export type OverviewView = { 
/**
 * Nothing changed since `seen_seq`: keep what you have (the rest is empty).
 */
unchanged: boolean, 
/**
 * In the order in which they want a person: what pages, what failed, what waits for an answer, what warns; then the
 * rest, worst first.
 */
services: Array<ServiceRow>, 
/**
 * What waits for the person, over all kinds, most urgent first, at most 12. However much
 * fails, what waits for an answer has a quarter of the places.
 */
needs_you: Array<NeedsYou>, 
/**
 * How many there are in all.
 */
needs_total: number, 
/**
 * The last alert that was resolved and the last ticket that was closed, when nothing waits for the person.
 */
last: Array<TransitionView>, 
/**
 * Entities that belong to no service.
 */
unmatched: number, 
/**
 * All sources.
 */
sources: Array<SourceView>, 
/**
 * Number of the latest change.
 */
seq: number, };

/**
 * How long to hush.
 */
export type PauseReq = { 
/**
 * Minutes from now, at most a day; 0: go on.
 */
minutes: number, };

/**
 * What an action would hit.
 */
export type PreviewView = { 
/**
 * How many current entities.
 */
count: number, 
/**
 * The first twenty.
 */
rows: Array<Row>, 
/**
 * The source is not current: the preview is as of then.
 */
as_of: string | null, 
/**
 * The arguments cannot be read; says why.
 */
problem: string | null, 
/**
 * A silence with the same conditions that holds already. `None`: none is known, or the action makes none.
 */
twin: TwinView | null, };

/**
 * Something that failed or is not matched.
 */
export type ProblemView = { "problem": "config", 
/**
 * Something cannot be used. Else something is ignored.
 */
broken: boolean, 
/**
 * What and what to write instead.
 */
message: string, 
/**
 * The file.
 */
file: string | null, 
/**
 * Line, from 1.
 */
line: number | null, } | { "problem": "source", 
/**
 * Its id.
 */
source: string, 
/**
 * Name of its backend.
 */
backend_name: string, 
/**
 * How it stands, why, and when it is tried next.
 */
health: HealthView, } | { "problem": "unread", 
/**
 * The source's id.
 */
source: string, 
/**
 * What and why.
 */
message: string, } | { "problem": "unmatched", 
/**
 * Of which kind.
 */
kind: Kind, 
/**
 * How many.
 */
count: number, 
/**
 * The query that lists them.
 */
query: string, };

/**
 * A value that can be chosen.
 */
export type ProposalView = { 
/**
 * What is written into the setting.
 */
value: string, 
/**
 * When something last happened there.
 */
active_at: string | null, 
/**
 * What it is, in a few words; may be empty.
 */
about: string, 
/**
 * To be taken unless the person chooses otherwise.
 */
preselected: boolean, };

/**
 * What can be chosen for a setting of a connection.
 */
export type ProposalsView = { 
/**
 * The latest first.
 */
items: Array<ProposalView>, 
/**
 * There is more than this.
 */
more: boolean, 
/**
 * Why nothing is proposed, or what could not be read.
 */
notes: Array<string>, 
/**
 * Requests of the backend's quota window, as it told with this answer. `None`: it tells none.
 */
quota_limit: number | null, };

/**
 * That a backend can propose values for a setting.
 */
export type ProposeOffer = { 
/**
 * Key of the setting, a list.
 */
field: string, 
/**
 * The button.
 */
label: string, };

/**
 * A body or a comment.
 */
export type Prose = { 
/**
 * What it consists of, in order.
 */
nodes: Array<ProseNode>, 
/**
 * It is longer than what is shown here: the rest is to be read in the source.
 */
truncated: boolean, };

/**
 * Where a link of prose leads.
 */
export type ProseLink = { 
/**
 * What `open_prose_link` wants.
 */
index: number, 
/**
 * Scheme, host and port: what the person should see before opening. Empty when it is no address.
 */
host: string, 
/**
 * `false`: the address failed the check and cannot be opened.
 */
allowed: boolean, };

/**
 * A part of prose. Text is cleaned, but it is a stranger's.
 */
export type ProseNode = { "node": "paragraph", 
/**
 * What is in it.
 */
children: Array<ProseNode>, } | { "node": "heading", 
/**
 * 1 to 6.
 */
level: number, 
/**
 * What is in it.
 */
children: Array<ProseNode>, } | { "node": "quote", 
/**
 * What is in it.
 */
children: Array<ProseNode>, } | { "node": "list", 
/**
 * Number of the first item; `None`: they have no numbers.
 */
start: number | null, 
/**
 * The items.
 */
children: Array<ProseNode>, } | { "node": "item", 
/**
 * Of a task list: whether it is done.
 */
checked: boolean | null, 
/**
 * What is in it.
 */
children: Array<ProseNode>, } | { "node": "code_block", 
/**
 * The lines.
 */
text: string, } | { "node": "table", 
/**
 * Its rows.
 */
children: Array<ProseNode>, } | { "node": "table_row", 
/**
 * It names the columns.
 */
head: boolean, 
/**
 * Its cells.
 */
children: Array<ProseNode>, } | { "node": "table_cell", 
/**
 * What is in it.
 */
children: Array<ProseNode>, } | { "node": "rule" } | { "node": "text", 
/**
 * The words.
 */
text: string, } | { "node": "code", 
/**
 * The code.
 */
text: string, } | { "node": "emphasis", 
/**
 * What is in it.
 */
children: Array<ProseNode>, } | { "node": "strong", 
/**
 * What is in it.
 */
children: Array<ProseNode>, } | { "node": "strike", 
/**
 * What is in it.
 */
children: Array<ProseNode>, } | { "node": "link", 
/**
 * Where it leads.
 */
link: ProseLink, 
/**
 * What is in it.
 */
children: Array<ProseNode>, } | { "node": "image", 
/**
 * Where it lies.
 */
link: ProseLink, 
/**
 * What it shows, as its author says.
 */
alt: string, } | { "node": "break" };

/**
 * Why a service has its status. The sentence is made by the front end.
 */
export type Reason = { 
/**
 * Machine word: `alert_firing`, `run_failed`, `deployment_failed`, `waiting`, `running`, `incident_open`,
 * `state_unknown`, `source_stale`, `all_good`, `only_silenced`, `only_info`,
 * `silenced` (so many alerts are, and nothing else is wrong), `only_tickets`.
 */
code: string, 
/**
 * Status it gives.
 */
status: Status, 
/**
 * The entity that gives it. `None` for `source_stale` and `all_good`.
 */
entity: string | null, 
/**
 * Its title, or the source's id for `source_stale`.
 */
subject: string, 
/**
 * Since when.
 */
since: string | null, };

/**
 * A nudge.
 */
export type RefreshReq = { 
/**
 * Only this source; `None`: all.
 */
source: string | null, };

/**
 * One row of a list.
 */
export type Row = { 
/**
 * Entity id, `source/kind/native`.
 */
id: string, 
/**
 * Kind.
 */
kind: Kind, 
/**
 * Connection id.
 */
source: string, 
/**
 * Backend word, for the icon.
 */
backend: string, 
/**
 * One line.
 */
title: string, 
/**
 * The glyph. Never `ok` when `stale`.
 */
status: Status, 
/**
 * Somebody has taken it, or silenced it.
 */
acknowledged: boolean, 
/**
 * Canonical state word.
 */
state: string, 
/**
 * The backend's word.
 */
raw_status: string, 
/**
 * Its source is not current: draw it hatched, with its age.
 */
stale: boolean, 
/**
 * When its source was last read completely.
 */
as_of: string | null, 
/**
 * Service.
 */
service: string | null, 
/**
 * The service was guessed.
 */
service_inferred: boolean, 
/**
 * Environment.
 */
environment: string | null, 
/**
 * Its tier.
 */
tier: Tier | null, 
/**
 * Person behind it.
 */
author: string | null, 
/**
 * When it happened, as the backend says: what lists are sorted by.
 */
occurred_at: string | null, 
/**
 * Since when it is as it is: what its age is counted from. What ended counts from its end, what goes on from its begin.
 */
since: string | null, 
/**
 * When we last saw it change.
 */
changed_at: string, 
/**
 * No longer listed by its backend since then.
 */
gone_at: string | null, 
/**
 * Number of its last change; travels back with an action.
 */
seq: number, 
/**
 * Its page can be opened (`open_link` with index 0).
 */
has_url: boolean, 
/**
 * An action on it is under way or unsettled.
 */
pending_action: ActionView | null, 
/**
 * How many notes people wrote on it.
 */
notes: number, 
/**
 * What only its kind has.
 */
more: RowMore, };

/**
 * What only one kind has.
 */
export type RowMore = { "of": "run", 
/**
 * Workflow or builder.
 */
pipeline: string, 
/**
 * The number people use.
 */
number: string, 
/**
 * Repository or project.
 */
place: string | null, 
/**
 * Branch or tag.
 */
reference: string | null, 
/**
 * Commit.
 */
revision: string | null, 
/**
 * What started it.
 */
trigger: string | null, 
/**
 * Try.
 */
attempt: number | null, 
/**
 * When queued.
 */
queued_at: string | null, 
/**
 * When begun.
 */
started_at: string | null, 
/**
 * When ended.
 */
finished_at: string | null, 
/**
 * First failed step, when known without asking.
 */
failed_step: string | null, } | { "of": "deployment", 
/**
 * What went there.
 */
version: string, 
/**
 * Commit.
 */
revision: string | null, 
/**
 * `deployed`, `upgraded`, `rolledback`, `removed`.
 */
deployment_kind: string, 
/**
 * `pipeline`, `gitops`, `manual`, `unknown`.
 */
origin: string, 
/**
 * Repository or project.
 */
place: string | null, 
/**
 * One line of the backend.
 */
description: string | null, 
/**
 * When begun.
 */
started_at: string | null, 
/**
 * When ended.
 */
finished_at: string | null, } | { "of": "alert", 
/**
 * Severity.
 */
severity: Severity, 
/**
 * Severity in the backend's word.
 */
raw_severity: string, 
/**
 * One-line explanation.
 */
summary: string | null, 
/**
 * What tells it from the others of its name that are listed with it, where only names are: `instance=web-1`.
 */
apart: string | null, 
/**
 * Labels.
 */
labels: { [key in string]: string }, 
/**
 * Silences that hold it.
 */
silences: Array<SilenceView>, 
/**
 * How many alerts inhibit it.
 */
inhibited_by: number, 
/**
 * Who is told.
 */
receivers: Array<string>, 
/**
 * Begin.
 */
starts_at: string | null, 
/**
 * End.
 */
ends_at: string | null, 
/**
 * Identity of the label set.
 */
fingerprint: string, } | { "of": "ticket", 
/**
 * The name people use.
 */
key: string, 
/**
 * `bug`, `enhancement`, `incident`, `task`, `question`, `other`.
 */
ticket_type: string, 
/**
 * Type in the backend's word.
 */
raw_type: string, 
/**
 * Priority in the backend's word.
 */
priority: string | null, 
/**
 * Who works on it.
 */
assignees: Array<string>, 
/**
 * Labels.
 */
labels: Array<string>, 
/**
 * Milestone or target version.
 */
milestone: string | null, 
/**
 * Project or repository.
 */
place: string | null, 
/**
 * A customer stands behind it.
 */
customer: boolean, 
/**
 * Something worked before.
 */
regression: boolean, 
/**
 * Number of comments.
 */
comments: number | null, 
/**
 * When opened.
 */
created_at: string | null, 
/**
 * When closed.
 */
closed_at: string | null, };

/**
 * A window of a list.
 */
export type RowsReq = { 
/**
 * Of which kind.
 */
kind: Kind, 
/**
 * Query; empty: everything.
 */
query: string, 
/**
 * Also what is not current (closed tickets, resolved alerts, earlier runs).
 */
all: boolean, 
/**
 * As of then. `None`: now.
 */
as_of: string | null, 
/**
 * Newest first instead of worst first.
 */
newest: boolean, 
/**
 * First row.
 */
offset: number, 
/**
 * Rows, at most 200.
 */
limit: number, 
/**
 * Answer `unchanged` when nothing changed since.
 */
seen_seq: number | null, };

/**
 * A window of a list.
 */
export type RowsView = { 
/**
 * Nothing changed since `seen_seq`: keep what you have (rows are left out).
 */
unchanged: boolean, 
/**
 * The rows from `offset` on, at most 200.
 */
rows: Array<Row>, 
/**
 * How many there are in all, or when `cut` how many were counted.
 */
total: number, 
/**
 * There are more than `total`: counting them all would take longer than showing them.
 */
cut: boolean, 
/**
 * How many there would be without the filter.
 */
unfiltered: number, 
/**
 * Number of the latest change in it.
 */
seq: number, 
/**
 * Sources that observe this kind, for the "4 of 5 sources" line.
 */
sources: Array<SourceView>, 
/**
 * When the last entity of the kind changed its state to a closed one: "Last one: …".
 */
last_closed: TransitionView | null, };

/**
 * One of the last runs.
 */
export type RunDot = { 
/**
 * Entity id.
 */
id: string, 
/**
 * Status.
 */
status: Status, 
/**
 * Pipeline and number.
 */
title: string, 
/**
 * Seconds it took. `None`: not known.
 */
secs: number | null, };

/**
 * An environment that a run deploys to.
 */
export type RunEnvironmentView = { 
/**
 * The deployment.
 */
id: string, 
/**
 * Environment.
 */
environment: string, 
/**
 * Its tier.
 */
tier: Tier, 
/**
 * Status of the deployment.
 */
status: Status, };

/**
 * A question under a name.
 */
export type SavedView = { 
/**
 * Its name.
 */
name: string, 
/**
 * `overview`, `pipelines`, `deployments`, `alerts`, `tickets`, `charts`.
 */
view: string, 
/**
 * The filter query.
 */
query: string, 
/**
 * Everything instead of only what is current.
 */
all: boolean, 
/**
 * How it is shown, as the window's address has it (`group=service,name`, `list=1`). Empty: as usual.
 */
form: string, };

/**
 * One part of the details.
 */
export type SectionView = { "section": "fields", 
/**
 * Heading.
 */
title: string, 
/**
 * Rows.
 */
rows: Array<FieldView>, } | { "section": "jobs", 
/**
 * Jobs.
 */
jobs: Array<JobView>, } | { "section": "body", 
/**
 * Heading.
 */
title: string, 
/**
 * As it was written.
 */
text: string, 
/**
 * The same as nodes.
 */
prose: Prose, } | { "section": "comments", 
/**
 * Comments.
 */
comments: Array<CommentView>, } | { "section": "silences", 
/**
 * Silences.
 */
silences: Array<SilenceView>, };

/**
 * What happened to one service.
 */
export type ServiceActivity = { 
/**
 * Its name.
 */
name: string, 
/**
 * Alerts that fired at any moment of each part.
 */
alerts: Array<number>, 
/**
 * Of these the ones that page.
 */
paging: Array<number>, 
/**
 * Runs that began in each part and failed.
 */
failed: Array<number>, };

/**
 * A service to narrow views to.
 */
export type ServiceChoice = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its owner.
 */
owner: string | null, };

/**
 * What would be written into the configuration to make a guessed service certain.
 */
export type ServiceDraftView = { 
/**
 * The file.
 */
file: string, 
/**
 * Exactly what is added to it.
 */
toml: string, };

/**
 * A service by name.
 */
export type ServiceReq = { 
/**
 * Its name.
 */
name: string, };

/**
 * One service in the overview.
 */
export type ServiceRow = { 
/**
 * Name.
 */
name: string, 
/**
 * Owner.
 */
owner: string | null, 
/**
 * Guessed from a repository, label or project.
 */
inferred: boolean, 
/**
 * Worst of its signals. `unknown` when nothing current is known; never `ok` when stale.
 */
status: Status, 
/**
 * At least one of its sources is not current.
 */
stale: boolean, 
/**
 * Ids of the sources that tell of it.
 */
sources: Array<string>, 
/**
 * Oldest `as_of` among its sources.
 */
as_of: string | null, 
/**
 * Why it has this status, worst first, at most 6.
 */
reasons: Array<Reason>, 
/**
 * Its last ten runs of the default line, oldest first.
 */
runs: Array<RunDot>, 
/**
 * A source of these is not current: that they passed is no news, and there may be later ones.
 */
runs_stale: boolean, 
/**
 * What runs where: one per environment, production first.
 */
deployments: Array<EnvCell>, 
/**
 * Firing alerts by severity, worst first.
 */
alerts: Array<SeverityCount>, 
/**
 * Alerts that are suppressed.
 */
suppressed: number, 
/**
 * Of some of them only a source tells that is not current: they fired when it was last read. Without any alert: a source
 * that could tell of one is not current.
 */
alerts_stale: boolean, 
/**
 * Open tickets.
 */
tickets: number, 
/**
 * A source of these is not current.
 */
tickets_stale: boolean, 
/**
 * Open tickets that were opened in the last 24 hours.
 */
new_tickets: number, 
/**
 * When anything of it last changed.
 */
changed_at: string | null, 
/**
 * How many notes people wrote on it.
 */
notes: number, };

/**
 * A guessed service that is to be made certain.
 */
export type ServiceSaveReq = { 
/**
 * Its name.
 */
name: string, 
/**
 * What the person was shown: refused when it would be something else by now.
 */
toml: string, };

/**
 * A setting to write.
 */
export type SettingReq = { 
/**
 * `window.theme`.
 */
key: string, 
/**
 * The value as text. `None`: take it out of the file, so that the default holds.
 */
value: string | null, };

/**
 * One setting.
 */
export type SettingView = { 
/**
 * `window.theme`: table and key in the file. What it is called on screen stands in the window's text.
 */
key: string, 
/**
 * `choice`, `number`, `flag`, `several` (words with commas between), `hours` (`22:00-07:00`, or empty).
 */
kind: string, 
/**
 * What holds now, as text.
 */
value: string, 
/**
 * What holds when the file says nothing.
 */
default: string, 
/**
 * The words of a `choice` or of `several`.
 */
choices: Array<string>, 
/**
 * Least `number`.
 */
least: number | null, 
/**
 * Greatest `number`.
 */
most: number | null, 
/**
 * Line of the file that sets it. `None`: it is at its default.
 */
line: number | null, 
/**
 * What to write into the file for the value that holds.
 */
toml: string, };

/**
 * Everything the configuration says of the product itself.
 */
export type SettingsView = { 
/**
 * The configuration file.
 */
path: string, 
/**
 * Whether the file is there; else everything is at its default.
 */
exists: boolean, 
/**
 * Every setting, in the order in which it is shown.
 */
settings: Array<SettingView>, 
/**
 * Saved views, in the order of the file.
 */
views: Array<SavedView>, };

/**
 * See `qd_model::Severity`.
 */
export type Severity = "critical" | "high" | "warning" | "info" | "low" | "unknown";

/**
 * How many alerts of a severity fire.
 */
export type SeverityCount = { 
/**
 * Severity.
 */
severity: Severity, 
/**
 * How many.
 */
count: number, };

/**
 * One silence.
 */
export type SilenceRow = { 
/**
 * Connection.
 */
source: string, 
/**
 * The silence.
 */
silence: SilenceView, 
/**
 * How many alerts that fire or are suppressed it matches, as they were last read. `None`: its conditions cannot be
 * judged here.
 */
hits: number | null, 
/**
 * What a person should look at: `expiring` (within an hour), `matches_nothing`, `no_comment`.
 */
marks: Array<string>, 
/**
 * Its conditions, one a line, as the form takes them.
 */
matchers: string, 
/**
 * Its source could not be asked now: this is what it said when it was read last.
 */
stale: boolean, };

/**
 * A source of silences.
 */
export type SilenceSource = { 
/**
 * Connection.
 */
source: string, 
/**
 * When its silences were read. `None`: never.
 */
as_of: string | null, 
/**
 * Why they could not be read now. `None`: they were.
 */
error: string | null, 
/**
 * What of them could not be read.
 */
problems: Array<string>, 
/**
 * Makes a silence.
 */
create: ActionOffer | null, 
/**
 * Lets one end later; takes its id as `silence`.
 */
extend: ActionOffer | null, 
/**
 * Ends one now; takes its id as `silence`.
 */
expire: ActionOffer | null, };

/**
 * A silence.
 */
export type SilenceView = { 
/**
 * The backend's id.
 */
id: string, 
/**
 * Conditions, each as `name="value"`.
 */
matchers: Array<string>, 
/**
 * Begin.
 */
starts_at: string | null, 
/**
 * End.
 */
ends_at: string | null, 
/**
 * Who.
 */
created_by: string, 
/**
 * Why.
 */
comment: string, 
/**
 * `pending`, `active`, `expired`, `unknown`.
 */
state: string, };

/**
 * Asks for silences.
 */
export type SilencesReq = { 
/**
 * Ask the sources now, also when they were asked a moment ago.
 */
fresh: boolean, };

/**
 * Silences of all sources.
 */
export type SilencesView = { 
/**
 * Those that hold by their end, then those to come, then those that ended within a day.
 */
silences: Array<SilenceRow>, 
/**
 * Every source that has silences.
 */
sources: Array<SilenceSource>, };

/**
 * Parts that a source was not read in.
 */
export type SourceGaps = { 
/**
 * Its id.
 */
source: string, 
/**
 * The parts, from 0.
 */
parts: Array<number>, };

/**
 * A source in the status bar and beside totals.
 */
export type SourceView = { 
/**
 * Connection id.
 */
id: string, 
/**
 * Backend word (`github`).
 */
backend: string, 
/**
 * Backend name (`GitHub`).
 */
backend_name: string, 
/**
 * Kinds it observes.
 */
kinds: Array<Kind>, 
/**
 * Its health.
 */
health: HealthView, 
/**
 * When it was first read, where the time that is asked for lies before: then nothing is known of it, whatever its health
 * is by now. `None`: it had been read by then, or never was.
 */
unknown_before: string | null, 
/**
 * When it was not read within the span of time that is asked for (`during:`): what happened then may be missing. `None`: no
 * span is asked for, or it was read through all of it.
 */
unread: UnreadView | null, };

/**
 * See `qd_model::Status`.
 */
export type Status = "paging" | "failing" | "warn" | "waiting" | "unknown" | "running" | "ok" | "inactive";

/**
 * The frame of the window: what the status bar and the rail show.
 */
export type StatusView = { 
/**
 * Number of the latest change.
 */
seq: number, 
/**
 * The core's clock, so that ages do not depend on the webview's.
 */
now: string, 
/**
 * All sources.
 */
sources: Array<SourceView>, 
/**
 * Current entities by kind and status.
 */
counts: Array<CountView>, 
/**
 * Alerts that fire and ask for nobody (severity info or low); they are counted among the inactive.
 */
informing: number, 
/**
 * Connections of `config.toml` that cannot be used, so that nothing is known of what they would tell; why stands in
 * `notices`.
 */
left_out: number, 
/**
 * The worst status over everything; `unknown` when nothing is known, never `ok` while a source is not current.
 */
worst: Status, 
/**
 * Since when no source at all can be reached. `None`: at least one can (also one that answers with an error, or too
 * late), or there are none.
 */
offline_since: string | null, 
/**
 * Things the person has to know: a damaged history set aside, configuration mistakes, keychain trouble.
 */
notices: Array<Notice>, 
/**
 * Version of Quarterdeck.
 */
version: string, 
/**
 * `false`: another process polls (the window while `qd collect` runs); this one only reads.
 */
polling: boolean, 
/**
 * The simulated world this is a demo of. `None`: this is real.
 */
demo: DemoView | null, 
/**
 * This front end can open the demo in its place.
 */
can_demo: boolean, 
/**
 * Grows whenever the configuration was read anew: settings and saved views may have changed.
 */
config_reads: number, };

/**
 * A step.
 */
export type StepView = { 
/**
 * 1 for the first.
 */
number: number, 
/**
 * Name.
 */
name: string, 
/**
 * Status.
 */
status: Status, 
/**
 * State word.
 */
state: string, 
/**
 * The first step that failed.
 */
first_failure: boolean, 
/**
 * Begin.
 */
started_at: string | null, 
/**
 * End.
 */
finished_at: string | null, };

/**
 * A time in which not every source of a kind was read.
 */
export type StripGap = { 
/**
 * Of which kind.
 */
kind: Kind, 
/**
 * From.
 */
from: string, 
/**
 * To. `None`: until now.
 */
to: string | null, 
/**
 * Which sources were not read. Empty: there is none that observes the kind.
 */
sources: Array<string>, 
/**
 * None was read.
 */
whole: boolean, };

/**
 * What happened in one bucket, of one sort. `happened` with its times tells which rows made it.
 */
export type StripMark = { 
/**
 * `deployed`, `rolled_back`, `deployment_failed`, `run_failed`, `ticket_opened`.
 */
what: string, 
/**
 * When the first of them happened.
 */
at: string, 
/**
 * When the last of them happened; equals `at` for one.
 */
last: string, 
/**
 * How many.
 */
count: number, 
/**
 * The first of them.
 */
first: Happened, };

/**
 * Asks for the watch strip.
 */
export type StripReq = { 
/**
 * From, inclusive.
 */
from: string, 
/**
 * To, exclusive. May lie ahead: nothing is there yet.
 */
to: string, 
/**
 * Width of a bucket, seconds: what happened in one is drawn as one mark of each sort. The span holds at most 400.
 */
step_secs: number, 
/**
 * Of which services and environments; empty: all.
 */
query: string, 
/**
 * Answer `unchanged` when nothing changed since. Only for the same span and query.
 */
seen_seq: number | null, };

/**
 * A time in which alerts fired.
 */
export type StripSpan = { 
/**
 * The status they drew: `paging`, `failing`, `warn`, `unknown`, or `inactive` for silenced ones and information.
 */
status: Status, 
/**
 * When the first of them began.
 */
from: string, 
/**
 * When the last of them ended. `None`: it has not, as far as is known.
 */
to: string | null, 
/**
 * How many alerts.
 */
count: number, };

/**
 * The watch strip.
 */
export type StripView = { 
/**
 * Nothing changed since `seen_seq`: keep what you have (the rest is empty).
 */
unchanged: boolean, 
/**
 * Moments, oldest first.
 */
marks: Array<StripMark>, 
/**
 * Times in which alerts fired, one row of spans for each status; spans of one status do not overlap.
 */
spans: Array<StripSpan>, 
/**
 * Times in which not every source was read, for each kind: what is not drawn there may have happened all the same.
 */
gaps: Array<StripGap>, 
/**
 * More happened than is counted here; the oldest is missing.
 */
truncated: boolean, 
/**
 * Number of the latest change.
 */
seq: number, };

/**
 * A ticket that a commit names.
 */
export type TicketRefView = { 
/**
 * As the commit names it: `#123`. May be a pull request where the backend counts both together.
 */
key: string, 
/**
 * The ticket, when it has been read: what `entity` takes.
 */
id: string | null, 
/**
 * Its summary, when it has been read.
 */
title: string | null, 
/**
 * Its status, when it has been read.
 */
status: Status | null, 
/**
 * Its page, if it may be opened.
 */
url: string | null, };

/**
 * See `qd_model::Tier`.
 */
export type Tier = "production" | "staging" | "test" | "development" | "other";

/**
 * A span of the timeline.
 */
export type TimelineReq = { 
/**
 * From.
 */
from: string, 
/**
 * To.
 */
to: string, 
/**
 * At most so many.
 */
limit: number, };

/**
 * From one instant to another.
 */
export type TimesView = { 
/**
 * Inclusive.
 */
from: string, 
/**
 * Exclusive.
 */
to: string, };

/**
 * A change of state.
 */
export type TransitionView = { 
/**
 * Entity id.
 */
id: string, 
/**
 * Kind.
 */
kind: Kind, 
/**
 * Its title then.
 */
title: string, 
/**
 * Its service then.
 */
service: string | null, 
/**
 * Its environment then.
 */
environment: string | null, 
/**
 * State word before; `None`: first seen.
 */
from: string | null, 
/**
 * State word since.
 */
to: string, 
/**
 * The backend's word.
 */
raw: string, 
/**
 * Status since.
 */
status: Status, 
/**
 * When we saw it.
 */
at: string, };

/**
 * A silence that holds already by the same conditions.
 */
export type TwinView = { 
/**
 * The silence.
 */
silence: SilenceView, 
/**
 * The verb, aimed at its source, that lets it end later; takes its id as `silence`.
 */
extend: string, };

/**
 * An action to take back.
 */
export type UndoReq = { 
/**
 * What it was aimed at.
 */
target: string, 
/**
 * Its idempotency key.
 */
key: string, };

/**
 * What a query says.
 */
export type UnheardReq = { 
/**
 * The query.
 */
query: string, };

/**
 * Times in which a source was not read.
 */
export type UnreadView = { 
/**
 * It was not read in the span at all.
 */
whole: boolean, 
/**
 * The first few, oldest first.
 */
times: Array<TimesView>, 
/**
 * How many more there are.
 */
more: number, };

/**
 * A saved view by name.
 */
export type ViewNameReq = { 
/**
 * Its name.
 */
name: string, };

/**
 * A view to save.
 */
export type ViewReq = { 
/**
 * Its name.
 */
name: string, 
/**
 * Which view.
 */
view: string, 
/**
 * The filter query.
 */
query: string, 
/**
 * Everything instead of only what is current.
 */
all: boolean, 
/**
 * How it is shown, as the window's address has it.
 */
form: string, 
/**
 * The saved view it replaces, which may have another name. `None`: a new one.
 */
replaces: string | null, };

/** Every command: what it wants and what it answers. */
export interface Commands {
  /** The frame: sources, counts, notices. */
  status: { request: Nothing; answer: StatusView };
  /** Services and what waits for the person. */
  overview: { request: OverviewReq; answer: OverviewView };
  /** A window of a list. */
  rows: { request: RowsReq; answer: RowsView };
  /** Everything known of one entity without asking its backend. */
  entity: { request: EntityReq; answer: EntityView };
  /** Asks the backend for jobs, comments, silences. */
  detail: { request: EntityReq; answer: DetailView };
  /** Asks the backend for the tail of the failing step's log. `null`: it has none. */
  log: { request: EntityReq; answer: LogView | null };
  /** How the line of a run is doing: flaky, broken or healthy, its usual duration, where it broke. */
  line: { request: LineReq; answer: LineView };
  /** Which of some runs deploy, and where to. */
  deploying: { request: DeployingReq; answer: Array<DeployingView> };
  /** Asks the backend for the part of the failing step's log around the first error. `null`: it has none. */
  excerpt: { request: EntityReq; answer: ExcerptView | null };
  /** Asks the backend what lies between two versions. `null`: it cannot tell. */
  compare: { request: CompareReq; answer: CompareView | null };
  /** State changes in a span, newest first. */
  timeline: { request: TimelineReq; answer: Array<TransitionView> };
  /** What happened in a span of time, in buckets. */
  strip: { request: StripReq; answer: StripView };
  /** Which rows made a part of the strip. */
  happened: { request: HappenedReq; answer: HappenedView };
  /** Counts and durations over a span of time, drawn. */
  charts: { request: ChartsReq; answer: ChartsView };
  /** Which rows made a part of a chart. */
  chart_rows: { request: ChartRowsReq; answer: ChartRowsView };
  /** What a query names that nobody knows, a sentence each. */
  unheard: { request: UnheardReq; answer: Array<string> };
  /** Services, owners and environments that views can be narrowed to. */
  narrow: { request: Nothing; answer: NarrowView };
  /** The form of an action, prefilled. */
  action_form: { request: ActionReq; answer: ActionFormView };
  /** What an action would hit. */
  action_preview: { request: ActionReq; answer: PreviewView };
  /** Proposes an action; it is written down, then sent once. */
  act: { request: ActionReq; answer: ActionView };
  /** The actions log, newest first. */
  actions: { request: ActionsReq; answer: Array<ActionView> };
  /** Notes that people wrote, newest first. */
  notes: { request: NotesReq; answer: NotesView };
  /** Writes a note on an entity or a service. It stays on this machine. */
  note_add: { request: NoteAddReq; answer: NoteView };
  /** Removes a note; nothing of it stays on the disk. */
  note_remove: { request: NoteIdReq; answer: NoteView };
  /** Puts a note back that this process removed a short while ago. */
  note_restore: { request: NoteIdReq; answer: NoteView };
  /** Configured connections. */
  connections: { request: Nothing; answer: Array<ConnectionView> };
  /** Backends that can be added. */
  backends: { request: Nothing; answer: Array<BackendView> };
  /** Tries a connection without saving it. */
  connection_test: { request: ConnectionReq; answer: CheckView };
  /** What the credential of a connection can see, to be chosen for its settings. The form need not be complete. */
  connection_propose: { request: ConnectionReq; answer: ProposalsView };
  /** What a connection will cost in an hour with so many values chosen. `null`: its backend does not tell. */
  connection_estimate: { request: EstimateReq; answer: EstimateView | null };
  /** Everything that failed or belongs to no service, worst first. */
  problems: { request: Nothing; answer: Array<ProblemView> };
  /** Saves a connection to the configuration, comments kept, and its secret to the keychain. */
  connection_save: { request: ConnectionReq; answer: ConnectionView };
  /** Removes a connection, its secret and what it observed. */
  connection_remove: { request: ConnectionIdReq; answer: Done };
  /** State of the OS keychain; asks it anew. */
  keychain: { request: Nothing; answer: KeychainView };
  /** Where the configuration is and what is wrong with it. */
  config: { request: Nothing; answer: ConfigView };
  /** Polls now. */
  refresh: { request: RefreshReq; answer: Done };
  /** What runs where: a window of services, each with its environments. */
  matrix: { request: MatrixReq; answer: MatrixView };
  /** The deployments of one service to one environment, newest first, rollbacks marked. */
  deployments: { request: DeploymentsReq; answer: DeploymentsView };
  /** What happened to each service in each hour of the last day, and which hours were not read. */
  activity: { request: ActivityReq; answer: ActivityView };
  /** What would be written into the configuration to make a guessed service certain. */
  service_draft: { request: ServiceReq; answer: ServiceDraftView };
  /** Writes it, comments kept. Refused when it is no longer what was shown. */
  service_save: { request: ServiceSaveReq; answer: Done };
  /** Opens a link of an entity in the browser, after checking it. */
  open_link: { request: OpenLinkReq; answer: Done };
  /** The address of a link of an entity, to be copied, after checking it. */
  link_address: { request: OpenLinkReq; answer: LinkAddress };
  /** Where a `quarterdeck://` link leads in the window; refused when it leads nowhere. Changes nothing. */
  follow_link: { request: FollowLinkReq; answer: LinkTarget };
  /** Where a click outside the window, or a link, leads; told once. `null`: nowhere. */
  arrival: { request: Nothing; answer: Arrival | null };
  /** Hushes notifications for a while, or ends that. */
  notifications_pause: { request: PauseReq; answer: Done };
  /** Shows a notification, to see that it works. */
  notifications_test: { request: Nothing; answer: Done };
  /** Plays, stops or hurries the demo, or goes to a chapter of its story. */
  demo_control: { request: DemoReq; answer: DemoView };
  /** Opens the demo in place of the real thing. */
  demo_enter: { request: Nothing; answer: Done };
  /** Opens the real thing in place of the demo. */
  demo_leave: { request: DemoLeaveReq; answer: Done };
  /** A window of a grouped list. */
  board: { request: BoardReq; answer: BoardView };
  /** Silences of all sources, asked of them now. */
  silences: { request: SilencesReq; answer: SilencesView };
  /** Opens a link or picture of a body, a comment or a README in the browser, after checking it. */
  open_prose_link: { request: OpenLinkReq; answer: Done };
  /** Takes an accepted action back, as its receipt said; logged like any other action. */
  undo: { request: UndoReq; answer: ActionView };
  /** The product's settings with their origin, and the saved views. */
  settings: { request: Nothing; answer: SettingsView };
  /** Writes a setting to the configuration, comments kept; without a value its default holds again. */
  setting_save: { request: SettingReq; answer: SettingsView };
  /** Saves, replaces or renames a view in the configuration, comments kept. */
  view_save: { request: ViewReq; answer: SettingsView };
  /** Removes a saved view from the configuration. */
  view_remove: { request: ViewNameReq; answer: SettingsView };
  /** Opens the configuration file in the person's editor. */
  open_config: { request: Nothing; answer: Done };
}
