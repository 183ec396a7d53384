//! The command line: every command and option, with the help that a man page would give.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use vedette_model::Level;

/// The security operations desk in one binary.
#[derive(Debug, Parser)]
#[command(
    name = "vedette",
    version,
    propagate_version = true,
    max_term_width = 110,
    arg_required_else_help = true
)]
#[command(after_help = "\
Examples:
  vedette scan ./collected-logs
  vedette scan --format json export.json.gz | jq '.findings[].title'
  vedette rules check ./sigma/rules --against ./collected-logs

Exit codes: 0 nothing found · 1 findings at or above --fail-on · 2 usage · 3 input that could not be read at all")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// When to colour: auto follows the terminal and NO_COLOR.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN", display_order = 1000)]
    pub color: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read files and folders of logs of any kind, and say what was in them and what was found.
    Scan(Box<Scan>),
    /// Incidents of the same input: list them, show one whole, explain why findings stand together or apart.
    #[command(subcommand)]
    Incident(Incident),
    /// Count over the same input: logons, event ids, hosts, users.
    Stats(Stats),
    /// Answer ten questions about the sample estate and be graded: the first exercise.
    Drill(Drill),
    /// Tell a scan for its reader: HTML, Markdown, CSV, ATT&CK Navigator layer.
    Report(Report),
    /// Look for indicators of others, or for what an expression says.
    Hunt(Box<HuntArgs>),
    /// Check that every claim of a report resolves to events that say it.
    Verify(Box<Verify>),
    /// Serve an assistant over the Model Context Protocol, read-only, on standard input and output.
    Mcp(Box<Mcp>),
    /// Rules as a tool: check, explain, test, import.
    #[command(subcommand)]
    Rules(Rules),
    /// Print the JSON Schema of a command's output.
    Schema {
        #[arg(value_enum)]
        of: SchemaOf,
    },
    /// Print the shell's completion script.
    #[command(
        after_help = "Example:\n  vedette completions bash > ~/.local/share/bash-completion/completions/vedette"
    )]
    Completions { shell: clap_complete::Shell },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    Hunt,
    /// What `scan --manifest` writes.
    Manifest,
    Scan,
    RulesBench,
    RulesCheck,
    RulesCoverage,
    RulesTest,
    Stats,
    Verify,
}

/// What to read.
#[derive(Debug, Clone, Args, Default)]
#[command(next_help_heading = "Input")]
pub struct Input {
    /// Files, folders, archives (zip, tar, gz, zst), or `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Zone of stamps that state none, for paths that match: `--tz 'fw/*=Europe/Berlin'`; `--tz UTC` for all.
    #[arg(long = "tz", value_name = "[PATH=]ZONE")]
    pub zones: Vec<String>,
    /// Year of stamps that state none (RFC 3164); otherwise file dates and neighbours tell, marked as assumed.
    #[arg(long, value_name = "YYYY", value_parser = clap::value_parser!(i16).range(1970..=2100))]
    pub year: Option<i16>,
    /// Take the host from the folder below PATH where the record names none.
    #[arg(long)]
    pub host_from_path: bool,
    /// Password for encrypted zip members, read from a file so that it shows in no process list.
    #[arg(long, value_name = "FILE")]
    pub zip_password_file: Option<PathBuf>,
    /// Only events at or after this time (RFC 3339, or a date; UTC where no zone is given).
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only events before this time; it must lie after --since.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Worker threads, 1 to 256; the output is the same for any number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Mappings of your own, beside the built-in ones; the same file name replaces.
    #[arg(long = "mappings", value_name = "DIR")]
    pub mappings: Vec<PathBuf>,
    /// No progress bar.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Which rules to run.
#[derive(Debug, Clone, Args, Default)]
#[command(next_help_heading = "Rules")]
pub struct RuleChoice {
    /// Sigma rules: a file, a folder or a zip. Adds to the built-in and imported ones.
    #[arg(long = "rules", short = 'r', value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// Leave out the built-in and the imported rules.
    #[arg(long)]
    pub no_default_rules: bool,
    /// Values for `|expand` placeholders: `--expand Administrators=admins.txt`, one value a line.
    #[arg(long, value_name = "NAME=FILE")]
    pub expand: Vec<String>,
}

/// What is known from elsewhere; nothing is asked of a network.
#[derive(Debug, Clone, Args, Default)]
#[command(next_help_heading = "Known from elsewhere")]
pub struct Lists {
    /// Assets: CSV with the columns host, aliases, address, importance, role, owner.
    #[arg(long, value_name = "FILE")]
    pub assets: Vec<PathBuf>,
    /// People and accounts: CSV with the columns user, aliases, sid, email, importance, owner.
    #[arg(long, value_name = "FILE")]
    pub identities: Vec<PathBuf>,
    /// Countries or networks of addresses: a MaxMind-format file.
    #[arg(long, value_name = "FILE")]
    pub geoip: Vec<PathBuf>,
    /// What is known to be good, and so ties nothing together: a MISP warninglist.
    #[arg(long = "warninglist", value_name = "FILE")]
    pub warninglists: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// One object; `vedette schema` prints its shape.
    Json,
    /// One object a line, each with a `kind`; the last is the summary, which says whether the run was complete.
    Jsonl,
    /// Rows alone, safe for spreadsheets.
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum LevelArg {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl LevelArg {
    pub fn level(self) -> vedette_model::Level {
        vedette_model::Level::ALL[self as usize]
    }
}

/// Read files and folders of logs of any kind, and say what was in them and what was found.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
#[command(after_help = "\
Examples:
  vedette scan /mnt/evidence/C/Windows/System32/winevt/logs
  vedette scan collection.zip --zip-password-file pw.txt --format json > scan.json
  vedette scan ./collected-logs --report incident.html --case 2026-014 --tlp AMBER
  vedette scan /var/log --tz Europe/Berlin --since 2026-03-01 --min-level high
  journalctl -o json | vedette scan -

Nothing is written beneath the inputs, and they are opened read-only. A path that cannot be read is told and the others
are scanned; a folder without files is said on standard error and is no fault.
The table is a summary that fits a screen, of medium and above of rules with status test or stable; what is hidden is
counted, and --full shows every row. JSON, JSON lines and CSV hold everything.

Exit codes: 0 nothing found · 1 findings or incidents at or above --fail-on · 2 usage, or an output that may not be written ·
3 nothing at all could be read, the run was interrupted with nothing found, or writing failed")]
pub struct Scan {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub rules: RuleChoice,
    #[command(flatten)]
    pub lists: Lists,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Show and write nothing below this level.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub min_level: Option<LevelArg>,
    /// Show findings of rules of every status (experimental ones too) in the table.
    #[arg(long)]
    pub all_statuses: bool,
    /// Exit with 1 when there is a finding or an incident at or above this level; `incidents`, or `incidents:high`, to
    /// look at incidents alone.
    #[arg(long, value_name = "[incidents:]LEVEL", default_value = "informational", value_parser = fail_on)]
    pub fail_on: FailOn,
    /// Zone for times in the table; everything else is UTC.
    #[arg(long, value_name = "ZONE")]
    pub display_tz: Option<String>,
    /// Also write a timeline: `.jsonl` (or `.json`, the same lines) for Timesketch, `.csv` for spreadsheets.
    #[arg(long, value_name = "FILE")]
    pub timeline: Option<PathBuf>,
    /// What the timeline holds.
    #[arg(long, value_enum, default_value_t = TimelineOf::Findings, value_name = "WHAT", requires = "timeline")]
    pub timeline_of: TimelineOf,
    /// Write SHA-256 and size of every input, tool version, rules hash, command line, start and end.
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// Also write a report, its form by the ending: `.html`, `.md`, `.csv`, or `.navigator.json` for a layer of the ATT&CK
    /// Navigator. May be given several times.
    #[arg(long = "report", value_name = "FILE")]
    pub reports: Vec<PathBuf>,
    /// Put stable stand-ins for names and addresses into the reports.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT", requires = "reports")]
    pub redact: Vec<RedactArg>,
    /// Replace the files of --timeline, --manifest and --report where they exist; never a file that is read.
    #[arg(long)]
    pub overwrite: bool,
    /// Who runs this, for manifest and report.
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
    /// Which case this belongs to, for manifest and report.
    #[arg(long, value_name = "ID")]
    pub case: Option<String>,
    /// Who may see the report, as TLP 2.0 says: CLEAR, GREEN, AMBER, AMBER+STRICT or RED.
    #[arg(long, value_name = "LABEL")]
    pub tlp: Option<String>,
    /// List every file's verdict in the table, not only what there is to say about some.
    #[arg(long)]
    pub files: bool,
    /// Show every row of the table and cut none, instead of a summary that fits a screen.
    #[arg(long)]
    pub full: bool,
}

#[derive(Debug, Subcommand)]
pub enum Incident {
    /// One line an incident, the worst first.
    #[command(after_help = "\
Example:
  vedette incident list ./collected-logs

Exit codes: 0 no incident · 1 some · 2 usage · 3 nothing at all could be read")]
    List(IncidentInput),
    /// One incident whole: every step, entity, unknown and next step.
    #[command(after_help = "\
Examples:
  vedette incident show ./collected-logs                 the worst
  vedette incident show ./collected-logs --id I-05979    the one whose id begins so

Exit codes: 0 shown · 2 usage, or no such incident · 3 nothing at all could be read")]
    Show(IncidentShow),
    /// Why findings belong together, and why another one does not.
    #[command(after_help = "\
Examples:
  vedette incident explain ./logs --id I-05979                      every join with its reasons, and the risk as a sum
  vedette incident explain ./logs --finding F-0a12009f9048358c      where it went, and what came nearest
  vedette incident explain ./logs --finding F-0a12… --with F-997e…  these two

Exit codes: 0 explained · 2 usage, or no such incident or finding · 3 nothing at all could be read")]
    Explain(IncidentExplain),
}

/// What to join.
#[derive(Debug, Args)]
pub struct IncidentInput {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub rules: RuleChoice,
    #[command(flatten)]
    pub lists: Lists,
}

#[derive(Debug, Args)]
pub struct IncidentShow {
    #[command(flatten)]
    pub input: IncidentInput,
    /// The incident's id, or its beginning; the worst when not given.
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
}

#[derive(Debug, Args)]
pub struct IncidentExplain {
    #[command(flatten)]
    pub input: IncidentInput,
    /// The incident's id, or its beginning; the worst when neither this nor --finding is given.
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// A finding: where it went, and why.
    #[arg(long, value_name = "ID")]
    pub finding: Option<String>,
    /// A second finding: why the two are together or apart.
    #[arg(long, value_name = "ID", requires = "finding")]
    pub with: Option<String>,
}

/// What makes a scan end with exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailOn {
    /// Findings that belong to no incident do not count.
    pub incidents_only: bool,
    pub level: Level,
}

fn fail_on(text: &str) -> Result<FailOn, String> {
    let (incidents_only, level) = match text.strip_prefix("incidents") {
        None => (false, text),
        Some("") => (true, "informational"),
        Some(rest) => (true, rest.strip_prefix(':').unwrap_or(rest)),
    };
    let level = Level::from_name(level).ok_or_else(|| {
        let levels = Level::ALL.map(Level::name).join(", ");
        format!("`{level}` is no level: {levels}; or incidents, or incidents:LEVEL")
    })?;
    Ok(FailOn { incidents_only, level })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TimelineOf {
    Findings,
    Events,
}

/// Count over the same input.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vedette stats logons ./collected-logs
  vedette stats event-ids Security.evtx --top 0
  vedette stats hosts ./collected-logs --format csv > hosts.csv

Records that several files hold are counted once. What the counts leave out is said on standard error. Whether the run was
complete is told by the exit code, by `complete` in JSON, and by the last of the JSON lines, whose kind is `summary`; CSV
holds rows alone.

Exit codes: 0 counted · 2 usage · 3 nothing could be read, the run was interrupted, or writing failed")]
pub struct Stats {
    /// What to count.
    #[arg(value_enum)]
    pub what: StatsOf,
    #[command(flatten)]
    pub input: Input,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Rows to show in the table; 0 for all.
    #[arg(long, default_value_t = 40, value_name = "N")]
    pub top: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatsOf {
    /// Who logged on where, from where, how, and how often it failed.
    Logons,
    /// Records by channel and event id.
    EventIds,
    /// Hosts with their logs, first and last event, and gaps.
    Hosts,
    /// Accounts by what they did.
    Users,
}

/// Check a report.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vedette scan ./logs --format json > report.json
  vedette verify report.json
  vedette verify report.json --evidence ./logs
  vedette verify report.json --format json | jq -r '.refused[] | .claim + \": \" + .reason'

The events that the report embeds are understood again, its findings and incidents are made again from them, and whatever
the report says beyond or against that is refused. Without --evidence only the embedded copies are checked; with it, every
cited event is held against its record in the originals. Give the same rules, mappings and lists as for the scan.

Exit codes: 0 every claim resolves · 1 some are refused · 2 usage · 3 a report or originals that could not be read")]
pub struct Verify {
    /// What `vedette scan --format json` printed, or `-` for standard input.
    #[arg(value_name = "REPORT.json")]
    pub report: PathBuf,
    /// Where the originals lie: the folder or files that were scanned, or a copy of them.
    #[arg(long, value_name = "DIR")]
    pub evidence: Vec<PathBuf>,
    #[arg(long, value_enum, default_value_t = VerifyFormat::Table)]
    pub format: VerifyFormat,
    #[command(flatten)]
    pub rules: RuleChoice,
    #[command(flatten)]
    pub lists: Lists,
    /// Mappings that the scan was given beside the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub mappings: Vec<PathBuf>,
    /// Zone of stamps that state none in the originals, as for `scan`.
    #[arg(long = "tz", value_name = "[PATH=]ZONE", requires = "evidence")]
    pub zones: Vec<String>,
    /// Year of stamps that state none in the originals, as for `scan`.
    #[arg(long, value_name = "YYYY", requires = "evidence", value_parser = clap::value_parser!(i16).range(1970..=2100))]
    pub year: Option<i16>,
    /// Take the host from the folder, as for `scan`.
    #[arg(long, requires = "evidence")]
    pub host_from_path: bool,
    /// Password for encrypted zip members of the originals, read from a file.
    #[arg(long, value_name = "FILE", requires = "evidence")]
    pub zip_password_file: Option<PathBuf>,
}

/// Serve an assistant.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  vedette mcp --root /cases/2026-014
  vedette mcp --root ./logs --root ./reports --rules ./sigma --assets assets.csv

An assistant starts this command and talks with it; docs/mcp.md says how to connect one. Its tools scan, hunt and check
what lies below the roots, and nothing else: nothing is written, nothing is asked of a network. Standard output carries the
protocol alone, notes go to standard error.

Exit codes: 0 the conversation has ended · 2 usage · 3 rules or lists that could not be read, or no conversation")]
pub struct Mcp {
    /// Folders that may be read; links that lead out of them are not followed. The current folder when not given.
    #[arg(long = "root", value_name = "DIR")]
    pub roots: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleChoice,
    #[command(flatten)]
    pub lists: Lists,
    /// Mappings of your own, beside the built-in ones; the same file name replaces.
    #[arg(long, value_name = "DIR")]
    pub mappings: Vec<PathBuf>,
    /// Zone of stamps that state none, as for `scan`.
    #[arg(long = "tz", value_name = "[PATH=]ZONE")]
    pub zones: Vec<String>,
    /// Year of stamps that state none, as for `scan`.
    #[arg(long, value_name = "YYYY", value_parser = clap::value_parser!(i16).range(1970..=2100))]
    pub year: Option<i16>,
    /// Take the host from the folder, as for `scan`.
    #[arg(long)]
    pub host_from_path: bool,
    /// Password for encrypted zip members, read from a file.
    #[arg(long, value_name = "FILE")]
    pub zip_password_file: Option<PathBuf>,
    /// Worker threads, 1 to 256.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VerifyFormat {
    /// For people.
    Table,
    /// One object; `vedette schema verify` prints its shape.
    Json,
}

/// Answer questions about the sample estate.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vedette drill                                   in a checkout; asks one question after the other
  vedette drill --questions > mine.txt            a form; write an answer behind each colon, then:
  vedette drill --answers mine.txt --format json

While a question is asked, `hint`, `skip` and `quit` help on. Hosts count with and without their domain, accounts with
and without theirs, capitals do not count, times may be some minutes off. The drill holds sealed answers only.

Exit codes: 0 all right · 1 some wrong or not answered · 2 usage, or no such folder · 3 answers that could not be read")]
pub struct Drill {
    /// The folder that the questions are about; sample/estate when not given.
    #[arg(value_name = "ESTATE")]
    pub estate: Option<PathBuf>,
    /// Grade answers from a file (`-` for standard input): JSON, or lines of `question: answer`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["questions", "list"])]
    pub answers: Option<PathBuf>,
    /// Print the questions only.
    #[arg(long, conflicts_with = "list")]
    pub questions: bool,
    /// Print the drills there are.
    #[arg(long)]
    pub list: bool,
    /// Which drill.
    #[arg(long, value_name = "NAME", default_value = "tarnbeck")]
    pub drill: String,
    #[arg(long, value_enum, default_value_t = DrillFormat::Table)]
    pub format: DrillFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DrillFormat {
    /// For people.
    Table,
    /// One object; the conversation, if there is one, goes to standard error.
    Json,
}

/// Tell a scan for its reader.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vedette scan ./logs --format json > scan.json
  vedette report scan.json --out incident.html
  vedette report scan.json --out case.md --out findings.csv --out seen.navigator.json
  vedette report scan.json --out shared.html --tlp GREEN --redact users,hosts,addresses

The ending of each file says its form: .html, .md, .csv, .navigator.json. The HTML report is one file that asks for
nothing from any network. With --redact, names are replaced before anything is written; see docs/report.md for what
that cannot find.

Exit codes: 0 written · 2 usage, or a file that may not be written · 3 a scan that could not be read, or writing failed")]
pub struct Report {
    /// What `vedette scan --format json` printed, or `-` for standard input.
    #[arg(value_name = "SCAN.json")]
    pub scan: PathBuf,
    /// What to write; may be given more than once.
    #[arg(long, required = true, value_name = "FILE")]
    pub out: Vec<PathBuf>,
    /// Names to replace with pseudonyms.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    pub redact: Vec<RedactArg>,
    /// Who may see it, as TLP 2.0 says: CLEAR, GREEN, AMBER, AMBER+STRICT or RED.
    #[arg(long, value_name = "LABEL")]
    pub tlp: Option<String>,
    /// Which case it belongs to, in place of the scan's own.
    #[arg(long, value_name = "ID")]
    pub case: Option<String>,
    /// Who answers for it, in place of the scan's own.
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
    /// Replace files that exist; never the scan.
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RedactArg {
    /// Names of accounts and cloud principals.
    Users,
    /// Names of hosts and of the domains they belong to.
    Hosts,
    /// IP addresses.
    Addresses,
}

#[derive(Debug, Subcommand)]
pub enum Rules {
    /// Account for every rule: running, or left out with the reason and the place.
    #[command(after_help = "\
Examples:
  vedette rules check                         the built-in and imported rules
  vedette rules check ./sigma/rules           a tree of your own
  vedette rules check --against ./logs        which of them can match on this data, and what to switch on

Exit codes: 0 every rule is running · 1 some are left out · 2 usage · 3 rules or data that could not be read")]
    Check(RulesCheck),
    /// Say what a rule is about and what to do when it speaks; with an event, why it did or did not match, condition by
    /// condition.
    #[command(after_help = "\
Examples:
  vedette rules explain whoami_all               what it sees, the data it needs, and the guide
  vedette rules explain whoami_all event.json
  vedette rules explain ./my_rule.yml 'Security.evtx#1234'     record 1234 of a log

Exit codes: 0 the rule matches · 1 it does not · 2 usage, no such rule or record · 3 input that could not be read")]
    Explain(RulesExplain),
    /// Show ATT&CK in four colours: proven by a recorded attack, proven by bench, claimed only, blind; and what to switch on.
    #[command(after_help = "\
Examples:
  vedette rules coverage                                      what the rules could see, with every log there is
  vedette rules coverage --against ./logs                     what they can see in this data
  vedette rules coverage --rules ./sigma --format navigator > layer.json

A technique has the colour of its surest rule. Proven by recorded attack: the rule fired on a public recording. Proven by
bench: the bench beside it holds and has an event it fires on. Blind: no rule that names it can match, as no log provides
what they read. Gaps stand in the order of how many techniques and rules they would unlock.

Exit codes: 0 told · 2 usage · 3 rules or data that could not be read, or reading was interrupted")]
    Coverage(RulesCoverage),
    /// Bring in a rule collection such as SigmaHQ: a folder or zip of Sigma rules. Author and licence stay with each rule.
    #[command(after_help = "\
Example:
  vedette rules import ./sigma-core.zip --name sigmahq

The pack is kept in $VEDETTE_HOME, else in ~/.local/share/vedette, and every later scan runs it.

Exit codes: 0 imported · 2 usage, no rule there, or a pack of that name exists · 3 the source could not be read, or writing
failed")]
    Import(RulesImport),
    /// Run benches: what a rule must fire on, and what it must stay quiet on.
    #[command(after_help = "\
Examples:
  vedette rules test                    the built-in rules
  vedette rules test ./my-rules         every rule there, with the bench beside it

Exit codes: 0 all cases hold · 1 some do not · 2 usage · 3 benches that could not be read")]
    Test(RulesTest),
    /// Measure how sharp benches are: change each condition of a rule in turn, and see whether some case notices.
    #[command(after_help = "\
Examples:
  vedette rules bench --mutate                         the built-in rules
  vedette rules bench --mutate ./my-rules              every rule there, with the bench beside it
  vedette rules bench --mutate --format json | jq '.rules[].survivors[].proposal'

A mutant is a rule with one condition taken out or loosened, one selection taken out of the condition, or a correlation
with a lower threshold, a longer timespan, or a group or rule less. It survives when every case of the bench comes out as
for the rule as written; then a case is missing, or the condition is not needed.

Exit codes: 0 enough is noticed · 1 less than --min-share, or a bench does not hold · 2 usage · 3 not readable")]
    Bench(RulesBench),
}

#[derive(Debug, Args)]
pub struct RulesCheck {
    /// Rule files, folders or zips; the built-in and imported rules when none is given.
    #[arg(value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Say for each rule whether it can match on this data.
    #[arg(long, value_name = "PATH")]
    pub against: Vec<PathBuf>,
    /// Values for `|expand` placeholders: `--expand Administrators=admins.txt`, one value a line.
    #[arg(long, value_name = "NAME=FILE")]
    pub expand: Vec<String>,
    /// Mappings of your own, beside the built-in ones; the same file name replaces.
    #[arg(long = "mappings", value_name = "DIR")]
    pub mappings: Vec<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct RulesExplain {
    /// A rule's id, name, title or file stem, or a rule file.
    pub rule: String,
    /// A file with the event (the first record), or FILE#NUMBER for the record of that number; a member of an archive is
    /// ARCHIVE!MEMBER#NUMBER.
    pub event: Option<String>,
    #[command(flatten)]
    pub choice: RuleChoice,
    /// Zone of stamps that state none, as for `scan`.
    #[arg(long = "tz", value_name = "[PATH=]ZONE")]
    pub zones: Vec<String>,
    /// Year of stamps that state none.
    #[arg(long, value_name = "YYYY", value_parser = clap::value_parser!(i16).range(1970..=2100))]
    pub year: Option<i16>,
    /// Password for encrypted zip members, read from a file.
    #[arg(long, value_name = "FILE")]
    pub zip_password_file: Option<PathBuf>,
    /// Mappings of your own, beside the built-in ones; the same file name replaces.
    #[arg(long = "mappings", value_name = "DIR")]
    pub mappings: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct RulesImport {
    /// Folder or zip.
    pub source: PathBuf,
    /// Name of the pack; the source's name when not given.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Replace a pack of the same name.
    #[arg(long)]
    pub replace: bool,
}

#[derive(Debug, Args)]
pub struct RulesBench {
    /// Folders with rules and their benches; the built-in ones when none is given.
    #[arg(value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Change one condition at a time.
    #[arg(long, required = true)]
    pub mutate: bool,
    /// Exit with 1 when less than this share of the mutants is noticed, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 95.0)]
    pub min_share: f64,
    /// Mappings of your own, beside the built-in ones; the same file name replaces.
    #[arg(long = "mappings", value_name = "DIR")]
    pub mappings: Vec<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct RulesCoverage {
    /// Judge by this data: a rule counts only where it could match there.
    #[arg(long, value_name = "PATH")]
    pub against: Vec<PathBuf>,
    #[command(flatten)]
    pub choice: RuleChoice,
    /// Instead of coverage, print the kept list of recordings anew: `NAME=SCAN.json`, the name of a public data set and
    /// what `vedette scan --format json` found in it.
    #[arg(long, value_name = "NAME=SCAN.json", conflicts_with = "against")]
    pub record: Vec<String>,
    /// Mappings of your own, beside the built-in ones; the same file name replaces.
    #[arg(long = "mappings", value_name = "DIR")]
    pub mappings: Vec<PathBuf>,
    #[arg(long, value_enum, default_value_t = CoverageFormat::Table)]
    pub format: CoverageFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CoverageFormat {
    /// For people: counts by tactic, and what would close most gaps.
    Table,
    /// One object; see docs/schemas/rules-coverage.schema.json.
    Json,
    /// A layer for the ATT&CK Navigator.
    Navigator,
}

#[derive(Debug, Args)]
pub struct RulesTest {
    /// Folders with rules and their benches; the built-in ones when none is given.
    #[arg(value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Mappings of your own, beside the built-in ones; the same file name replaces.
    #[arg(long = "mappings", value_name = "DIR")]
    pub mappings: Vec<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// Look for indicators, or for what an expression says.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("hunted").args(["ioc", "expression"]).required(true).multiple(true)))]
#[command(after_help = "\
Examples:
  vedette hunt --ioc feed.txt --ioc bundle.json ./collected-logs
  vedette hunt --where \"CommandLine contains 'mimikatz' and not User == 'SYSTEM'\" ./collected-logs
  vedette hunt --where \"src_endpoint.ip cidr '203.0.113.0/24' and EventID in (4624, 4625)\" Security.evtx
  vedette hunt --ioc - --format json ./collected-logs < indicators.csv

Lists hold addresses, CIDR, domains, URLs, hashes and file names: one a line, CSV, STIX 2.1 or MISP JSON. Expired, private
and known-good ones are named, counted and not searched for, unless --keep says so. docs/hunt.md describes lists and
expressions.

Exit codes: 0 nothing found · 1 something found · 2 usage, or nothing to search for · 3 lists or input that could not be
read, or an answer that is not whole")]
pub struct HuntArgs {
    /// A list of indicators, `-` for standard input; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub ioc: Vec<PathBuf>,
    /// Events that meet this expression; with --ioc, those of them that hold an indicator.
    #[arg(long = "where", value_name = "EXPRESSION")]
    pub expression: Option<String>,
    #[command(flatten)]
    pub input: Input,
    /// A list of known-good values in the format of MISP warninglists, beside the built-in ones.
    #[arg(long = "warninglist", value_name = "FILE")]
    pub warninglists: Vec<PathBuf>,
    /// Search for these indicators all the same.
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    pub keep: Vec<KeepArg>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Earliest events shown for each thing found: 3 for indicators, 20 for an expression, when not given.
    #[arg(long, value_name = "N")]
    pub lines: Option<usize>,
    /// Things shown in the table; 0 for all.
    #[arg(long, default_value_t = 40, value_name = "N")]
    pub top: usize,
    /// Zone for times in the table; everything else is UTC.
    #[arg(long, value_name = "ZONE")]
    pub display_tz: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeepArg {
    All,
    /// Past the date until which their list holds them, or revoked.
    Expired,
    /// MISP attributes that are not for detection (`to_ids` is false).
    Context,
    /// Private, loopback, link-local and reserved addresses.
    Private,
    /// Addresses and names set aside for documentation.
    Documentation,
    /// On a known-good list.
    KnownGood,
}
