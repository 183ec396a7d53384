//! A claim: what one event says in the words of a fixed table, and the sentence that it makes.
//!
//! A claim holds nothing that is not in its event, and the sentence holds nothing that is not in the claim, so that
//! `verify` can make both again.

use serde_json::{Map, Value, json};

use crate::limits::SLOT_CHARS_MAX;
use crate::wording::{name, plain, quote, sentence};

/// Whether what is told came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    Succeeded,
    Failed,
    /// Something stood in the way: a firewall, a policy, a protection.
    Blocked,
    /// The event tells of the try alone.
    Attempted,
    NotStated,
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
            Self::Attempted => "attempted",
            Self::NotStated => "not stated",
        }
    }
}

/// The places of a claim that event text can stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// Who did it.
    Actor,
    /// The account it was done to, or that logged on.
    Account,
    Group,
    /// Where it was seen.
    Host,
    /// The cloud account, tenant or cluster, with the word for what it is.
    Place,
    Process,
    Command,
    Parent,
    /// Whose process a process was opened or injected by.
    Source,
    SourceHost,
    Destination,
    File,
    Hash,
    /// The service, task, registry key, domain or share.
    Object,
    /// What was written into it.
    Value,
    Operation,
    Resource,
    /// How one logged on.
    Means,
    /// The reason or status in the source's own words.
    Status,
    Product,
    Title,
    Channel,
    Code,
}

impl Slot {
    pub fn name(self) -> &'static str {
        match self {
            Self::Actor => "actor",
            Self::Account => "account",
            Self::Group => "group",
            Self::Host => "host",
            Self::Place => "place",
            Self::Process => "process",
            Self::Command => "command",
            Self::Parent => "parent",
            Self::Source => "source",
            Self::SourceHost => "source_host",
            Self::Destination => "destination",
            Self::File => "file",
            Self::Hash => "hash",
            Self::Object => "object",
            Self::Value => "value",
            Self::Operation => "operation",
            Self::Resource => "resource",
            Self::Means => "means",
            Self::Status => "status",
            Self::Product => "product",
            Self::Title => "title",
            Self::Channel => "channel",
            Self::Code => "code",
        }
    }
}

use Slot::{
    Account, Actor, Channel, Code, Command, Destination, File, Group, Host, Means, Object, Operation, Parent,
    Place, Process, Product, Resource, Source, SourceHost, Status, Title, Value as Written,
};

macro_rules! predicates {
    ($($variant:ident $name:literal $past:literal $infinitive:literal $subjects:tt $object:tt)*) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Predicate { $($variant),* }

        impl Predicate {
            pub const ALL: &'static [Predicate] = &[$(Self::$variant),*];

            /// As reports write it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            fn words(self) -> Words {
                match self {
                    $(Self::$variant => Words {
                        past: $past,
                        infinitive: $infinitive,
                        subjects: &$subjects,
                        object: &$object,
                    }),*
                }
            }
        }
    };
}

/// How a predicate is said.
struct Words {
    past: &'static str,
    infinitive: &'static str,
    /// The first filled one is the sentence's subject.
    subjects: &'static [Slot],
    /// What follows the verb: a filled slot with the words before it.
    object: &'static [(&'static str, Slot)],
}

// One line a predicate: name, past, infinitive, subject, object.
predicates! {
    Ran "ran" "ran" "run" [Actor, Parent, Process] [("", Command)]
    EndedProcess "ended process" "ended" "end" [Actor] [("the process ", Process)]
    OpenedProcess "opened process" "opened" "open" [Process, Actor] [("the process ", Object), (" with access ", Written)]
    Injected "injected" "started a thread in" "start a thread in" [Process, Actor] [("the process ", Object)]
    TamperedProcess "tampered with process" "changed the image of" "change the image of" [Actor] [("the process ", Process)]
    LoadedDriver "loaded driver" "loaded" "load" [Process, Actor] [("the driver ", File)]
    LoadedImage "loaded image" "loaded" "load" [Process, Actor] [("the module ", File)]
    RanScript "ran script" "ran" "run" [Actor, Process] [("the script ", Command)]
    LoggedOn "logged on" "logged on" "log on" [Account, Actor] []
    LoggedOff "logged off" "logged off" "log off" [Account, Actor] []
    UsedCredentials "used credentials" "used the credentials of" "use the credentials of" [Actor, Process] [("", Account), (" towards ", Destination)]
    GotPrivileges "got privileges" "received special privileges" "receive special privileges" [Account, Actor] [(": ", Written)]
    AskedTicket "asked for ticket" "received a Kerberos ticket" "obtain a Kerberos ticket" [Account, Actor] [(" for ", Object)]
    Authenticated "authenticated" "proved its password" "prove its password" [Account, Actor] []
    SwitchedRole "switched role" "switched role" "switch role" [Account, Actor] [(" to ", Resource)]
    CreatedAccount "created account" "created" "create" [Actor, Process] [("the account ", Account)]
    ChangedAccount "changed account" "changed" "change" [Actor, Process] [("the account ", Account), (": ", Operation)]
    EnabledAccount "enabled account" "enabled" "enable" [Actor, Process] [("the account ", Account)]
    DisabledAccount "disabled account" "disabled" "disable" [Actor, Process] [("the account ", Account)]
    DeletedAccount "deleted account" "deleted" "delete" [Actor, Process] [("the account ", Account)]
    ResetPassword "reset password" "reset" "reset" [Actor, Process] [("the password of ", Account)]
    ChangedPassword "changed password" "changed" "change" [Actor, Process] [("the password of ", Account)]
    LockedAccount "locked account" "was recorded for the lockout of" "lock" [Actor] [("the account ", Account)]
    UnlockedAccount "unlocked account" "unlocked" "unlock" [Actor] [("the account ", Account)]
    GrantedRights "granted rights" "granted" "grant" [Actor] [("", Written), (" to ", Account), (" by ", Operation)]
    TookRights "took rights" "took" "take" [Actor] [("", Written), (" from ", Account), (" by ", Operation)]
    EnabledMfa "enabled second factor" "switched on a second factor for" "switch on a second factor for" [Actor] [("", Account)]
    DisabledMfa "disabled second factor" "switched off a second factor of" "switch off a second factor of" [Actor] [("", Account)]
    CreatedKey "created key" "created" "create" [Actor] [("an access key for ", Account)]
    AddedToGroup "added to group" "added" "add" [Actor, Process] [("", Account), (" to the group ", Group)]
    RemovedFromGroup "removed from group" "removed" "remove" [Actor, Process] [("", Account), (" from the group ", Group)]
    CreatedGroup "created group" "created" "create" [Actor, Process] [("the group ", Group)]
    ChangedGroup "changed group" "changed" "change" [Actor, Process] [("the group ", Group)]
    DeletedGroup "deleted group" "deleted" "delete" [Actor, Process] [("the group ", Group)]
    ListedGroup "listed group" "listed" "list" [Actor, Process] [("the members of ", Group)]
    ChangedDirectory "changed directory object" "changed" "change" [Actor] [("the directory object ", Object), (", setting ", Written)]
    CreatedDirectory "created directory object" "created" "create" [Actor] [("the directory object ", Object), (", setting ", Written)]
    DeletedDirectory "deleted directory object" "deleted" "delete" [Actor] [("the directory object ", Object)]
    AccessedDirectory "accessed directory object" "accessed" "access" [Actor] [("the directory object ", Object), (" with rights ", Written)]
    CreatedService "created service" "installed" "install" [Actor, Process] [("the service ", Object), (", which runs ", Command)]
    ChangedService "changed service" "changed" "change" [Actor, Process] [("the service ", Object), (" to ", Written)]
    StartedService "started service" "started" "start" [Actor, Process] [("the service ", Object)]
    StoppedService "stopped service" "stopped" "stop" [Actor, Process] [("the service ", Object)]
    DeletedService "deleted service" "deleted" "delete" [Actor, Process] [("the service ", Object)]
    CreatedTask "created task" "created" "create" [Actor, Process] [("the scheduled task ", Object), (", which runs ", Command)]
    ChangedTask "changed task" "changed" "change" [Actor, Process] [("the scheduled task ", Object), (", which runs ", Command)]
    DeletedTask "deleted task" "deleted" "delete" [Actor, Process] [("the scheduled task ", Object)]
    EnabledTask "enabled task" "enabled" "enable" [Actor, Process] [("the scheduled task ", Object)]
    DisabledTask "disabled task" "disabled" "disable" [Actor, Process] [("the scheduled task ", Object)]
    RanTask "ran task" "ran" "run" [Actor, Process] [("the scheduled task ", Object), (": ", Command)]
    CreatedFile "created file" "created" "create" [Process, Actor] [("the file ", File)]
    ReadFile "read file" "read" "read" [Process, Actor] [("the file ", File)]
    ChangedFile "changed file" "changed" "change" [Process, Actor] [("the file ", File)]
    DeletedFile "deleted file" "deleted" "delete" [Process, Actor] [("the file ", File)]
    RenamedFile "renamed file" "renamed" "rename" [Process, Actor] [("the file ", File), (" to ", Written)]
    OpenedFile "opened file" "opened" "open" [Process, Actor] [("the file ", File)]
    ChangedFileTime "changed file time" "changed" "change" [Process, Actor] [("the creation time of ", File)]
    OpenedPipe "opened pipe" "opened" "open" [Process, Actor] [("the pipe ", Object)]
    AccessedShare "accessed share" "accessed" "access" [Actor, Source] [("", File), (" on the share ", Object)]
    CreatedRegistry "created registry key" "created" "create" [Process, Actor] [("the registry key ", Object)]
    ChangedRegistry "changed registry" "set" "set" [Process, Actor] [("the registry value ", Object), (" to ", Written)]
    ReadRegistry "read registry" "read" "read" [Process, Actor] [("the registry key ", Object)]
    DeletedRegistry "deleted registry" "deleted" "delete" [Process, Actor] [("the registry key ", Object)]
    RenamedRegistry "renamed registry key" "renamed" "rename" [Process, Actor] [("the registry key ", Object)]
    ChangedWmi "changed event subscription" "registered" "register" [Actor] [("the WMI event subscription ", Object), (", which runs ", Command)]
    Connected "connected" "connected" "connect" [Process, Source, SourceHost, Actor] [("to ", Destination)]
    Listened "listened" "listened" "listen" [Process, Actor] [("on ", Destination)]
    Resolved "resolved" "looked up" "look up" [Process, Source, SourceHost, Actor] [("", Object)]
    Requested "requested" "requested" "request" [Source, Actor, SourceHost] [("", Resource), (" with ", Operation)]
    CalledApi "called operation" "called" "call" [Actor, Source] [("", Operation), (" on ", Resource)]
    ReadSecret "read secret" "read" "read" [Actor, Source] [("the secret ", Resource), (" with ", Operation)]
    QueriedData "queried data" "ran the query" "run the query" [Actor, Source] [("", Command), (" on ", Resource)]
    ClearedLog "cleared log" "cleared" "clear" [Actor] [("the log ", Object)]
    StoppedLogging "stopped logging" "stopped" "stop" [Actor] [("the logging of ", Object)]
    ChangedAuditing "changed auditing" "changed" "change" [Actor] [("what is audited: ", Written)]
    ChangedClock "changed clock" "changed" "change" [Actor, Process] [("the clock", Written)]
    SentMail "sent mail" "sent" "send" [Actor, Source] [("the mail ", Title), (" to ", Account)]
    Alerted "alerted" "reported" "report" [Product] [("", Title), (", naming the account ", Account), (", the file ", File), (", the command ", Command)]
    Recorded "recorded" "recorded" "record" [Product, Channel] [("the event ", Code), (" of ", Channel), (": ", Written)]
}

/// What one event says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    pub predicate: Predicate,
    pub outcome: Outcome,
    /// Sorted by slot; no slot twice, none empty.
    pub(crate) slots: Vec<(Slot, String)>,
}

impl Claim {
    pub fn new(predicate: Predicate, outcome: Outcome) -> Self {
        Self { predicate, outcome, slots: Vec::new() }
    }

    /// Fills a slot; the first value of a slot stays.
    #[must_use]
    pub fn with(mut self, slot: Slot, value: Option<String>) -> Self {
        self.set(slot, value);
        self
    }

    pub fn set(&mut self, slot: Slot, value: Option<String>) {
        let Some(value) = value.map(|v| plain(&v, SLOT_CHARS_MAX)).filter(|v| !v.is_empty() && v != "-")
        else {
            return;
        };
        if let Err(at) = self.slots.binary_search_by_key(&slot, |s| s.0) {
            self.slots.insert(at, (slot, value));
        }
    }

    pub fn get(&self, slot: Slot) -> Option<&str> {
        self.slots.binary_search_by_key(&slot, |s| s.0).ok().map(|at| self.slots[at].1.as_str())
    }

    pub fn slots(&self) -> &[(Slot, String)] {
        &self.slots
    }

    /// The claim without one of its slots.
    pub fn without(&self, slot: Slot) -> Self {
        let slots = self.slots.iter().filter(|s| s.0 != slot).cloned().collect();
        Self { slots, ..self.clone() }
    }

    /// As reports carry it: predicate, outcome, then the slots by name.
    pub fn value(&self) -> Value {
        let mut map = Map::new();
        map.insert("predicate".into(), json!(self.predicate.name()));
        map.insert("outcome".into(), json!(self.outcome.name()));
        for (slot, value) in &self.slots {
            map.insert(slot.name().into(), json!(value));
        }
        Value::Object(map)
    }

    /// Whether the command's first word is the process's program.
    fn names_program(&self) -> bool {
        let base = |text: &str| {
            let text = text.trim_matches(['"', '\'']);
            let name = text.rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
            name.strip_suffix(".exe").map_or(name.clone(), str::to_owned)
        };
        let (Some(command), Some(process)) = (self.get(Command), self.get(Process)) else { return false };
        let first = match command.strip_prefix('"') {
            Some(rest) => rest.split('"').next().unwrap_or_default(),
            None => command.split(' ').next().unwrap_or_default(),
        };
        base(first) == base(process) || command.to_lowercase().starts_with(&process.to_lowercase())
    }

    /// The sentence, without its full stop.
    pub fn clause(&self) -> String {
        self.clause_of(None)
    }

    /// The sentence with `many` in the place of one slot's value.
    pub fn clause_of(&self, many: Option<(Slot, &str)>) -> String {
        let words = self.predicate.words();
        let said = |slot: Slot| -> Option<String> {
            if let Some((of, text)) = many
                && of == slot
            {
                return Some(text.to_owned());
            }
            self.get(slot).map(|v| shown(slot, v))
        };
        // What a process did as somebody: both are said.
        let subject_slot = words.subjects.iter().copied().find(|s| said(*s).is_some());
        let mut subject = subject_slot.and_then(said).unwrap_or_else(|| "an unnamed account".to_owned());
        let mut used = vec![];
        used.extend(subject_slot);
        if subject_slot == Some(Process)
            && let Some(actor) = said(Actor)
        {
            subject = format!("{subject} (as {actor})");
            used.push(Actor);
        }
        let mut object = String::new();
        for (before, slot) in words.object {
            let text = match (said(*slot), *slot) {
                (Some(text), _) => text,
                // Without its command line a process is named by its file.
                (None, Command) if self.predicate == Predicate::Ran && subject_slot != Some(Process) => {
                    match said(Process) {
                        Some(text) => {
                            used.push(Process);
                            text
                        }
                        None => continue,
                    }
                }
                _ => continue,
            };
            if used.contains(slot) {
                continue;
            }
            used.push(*slot);
            object.push_str(before);
            object.push_str(&text);
        }
        let object = object.trim_start_matches([',', ':']).trim_start();
        let gap = if object.is_empty() { "" } else { " " };
        let (past, infinitive) = (words.past, words.infinitive);
        let mut text = match self.outcome {
            Outcome::Succeeded => format!("{subject} {past}{gap}{object}"),
            Outcome::Failed => format!("{subject} failed to {infinitive}{gap}{object}"),
            Outcome::Blocked => format!("{subject} was blocked when trying to {infinitive}{gap}{object}"),
            Outcome::Attempted => format!("{subject} tried to {infinitive}{gap}{object}"),
            Outcome::NotStated => format!("{subject} asked to {infinitive}{gap}{object}"),
        };
        // A record and an answered request tell of themselves, whatever came of it.
        if matches!(self.predicate, Predicate::Recorded | Predicate::Alerted)
            || self.predicate == Predicate::Requested && self.outcome != Outcome::Blocked
        {
            text = format!("{subject} {past}{gap}{object}");
        }
        if let Some(host) = said(Host).filter(|_| !used.contains(&Host)) {
            let before = if self.predicate == Predicate::LoggedOn { "to" } else { "on" };
            text.push_str(&format!(" {before} {host}"));
        }
        if let Some(place) = self.get(Place) {
            // `account 111122223333`: the word for it is ours.
            let (word, place) = place.split_once(' ').unwrap_or(("", place));
            text.push_str(&format!(" in {word} {}", name(place)));
        }
        // Address and name are two words for one end.
        let told = used.contains(&Source) || used.contains(&SourceHost);
        let source = [Source, SourceHost].into_iter().filter(|_| !told).find_map(said);
        if let Some(source) = source {
            text.push_str(&format!(" from {source}"));
        }
        let mut beside = Vec::new();
        for (slot, before) in
            [(Parent, "started by "), (Process, "by the process "), (Means, ""), (Status, "")]
        {
            let told = matches!(self.predicate, Predicate::Alerted | Predicate::Recorded) && slot == Process;
            // A command that begins with its program need not name it again.
            let told = told || slot == Process && self.names_program();
            if let Some(value) = said(slot).filter(|_| !used.contains(&slot) && !told) {
                beside.push(format!("{before}{value}"));
            }
        }
        if self.outcome == Outcome::NotStated
            && !matches!(self.predicate, Predicate::Recorded | Predicate::Alerted | Predicate::Requested)
        {
            beside.push("the outcome is not stated".to_owned());
        }
        if !beside.is_empty() {
            text.push_str(&format!(" ({})", beside.join("; ")));
        }
        sentence(&text)
    }
}

/// A claim as its sentence.
pub fn render(claim: &Claim) -> String {
    format!("{}.", claim.clause())
}

/// Names stand as they are where they are one word; commands and written values are always quoted.
fn shown(slot: Slot, value: &str) -> String {
    match slot {
        Command | Written | Title | File | Object | Parent | Group => quote(value),
        Status => format!("status {}", quote(value)),
        Means => plain(value, 80),
        _ => name(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(outcome: Outcome) -> Claim {
        Claim::new(Predicate::Ran, outcome)
            .with(Actor, Some("CORP\\ana".into()))
            .with(Command, Some("whoami /all".into()))
            .with(Host, Some("WS1".into()))
            .with(Parent, Some("C:\\Windows\\explorer.exe".into()))
    }

    #[test]
    fn an_outcome_changes_the_verb() {
        let said = |o| render(&ran(o));
        assert_eq!(
            said(Outcome::Succeeded),
            "CORP\\ana ran “whoami /all” on WS1 (started by “C:\\Windows\\explorer.exe”)."
        );
        assert!(said(Outcome::Failed).starts_with("CORP\\ana failed to run “whoami /all”"));
        assert!(said(Outcome::Blocked).starts_with("CORP\\ana was blocked when trying to run"));
        assert!(said(Outcome::NotStated).contains("the outcome is not stated"));
    }

    #[test]
    fn the_first_value_of_a_slot_stays_and_a_dash_is_none() {
        let claim = ran(Outcome::Succeeded).with(Host, Some("WS2".into())).with(Source, Some("-".into()));
        assert_eq!((claim.get(Host), claim.get(Source)), (Some("WS1"), None));
    }

    #[test]
    fn names_of_predicates_are_unique() {
        let mut names: Vec<_> = Predicate::ALL.iter().map(|p| p.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Predicate::ALL.len());
    }
}
