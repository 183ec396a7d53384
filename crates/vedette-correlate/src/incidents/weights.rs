//! How much each kind of link weighs, how long it lasts, and what is enough: the table, with its reasons.
//!
//! Weights are hundredths of the threshold at which two findings of medium level or above belong together, so that
//! sums are exact and print as they were reckoned. A weight holds in full while the gap between the findings is at
//! most `near`, falls evenly to `rest` percent at `far`, and is nothing beyond.

use vedette_model::Level;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    pub full: i32,
    pub near_ms: i64,
    pub far_ms: i64,
    /// Percent of `full` that is left at `far_ms`.
    pub rest: i32,
    /// What holds between findings of which one has no time; 0 for whatever needs closeness.
    pub timeless: i32,
}

impl Weight {
    /// What the link weighs over a gap; `None` when one of the findings has no time.
    pub fn over(&self, gap_ms: Option<i64>) -> i32 {
        let Some(gap) = gap_ms else { return self.timeless };
        if gap <= self.near_ms {
            return self.full;
        }
        if gap > self.far_ms {
            return 0;
        }
        let (over, span) = (gap - self.near_ms, (self.far_ms - self.near_ms).max(1));
        let lost = i64::from(self.full) * i64::from(100 - self.rest) * over / (span * 100);
        self.full - lost as i32
    }
}

const fn weight(full: i32, near_ms: i64, far_ms: i64, rest: i32, timeless: i32) -> Weight {
    Weight { full, near_ms, far_ms, rest, timeless }
}

/// Both rest on one event: two rules saw the same act.
pub const EVENT: i32 = 200;

/// The same process by GUID or by id and start, or parent and child: nothing ties two acts closer. A process lives
/// for days on a server.
pub const PROCESS: Weight = weight(160, DAY, 7 * DAY, 50, 130);
/// The same process id without a start: ids are given again, on a busy host within the hour.
pub const PROCESS_ID: Weight = weight(120, 15 * MINUTE, 2 * HOUR, 0, 0);
/// Two children of one parent: a shell's commands, yet also all that a desktop starts.
pub const SIBLING: Weight = weight(90, HOUR, DAY, 30, 70);
/// Two children of a parent that starts everything (`explorer.exe`, `services.exe`): next to nothing.
pub const SIBLING_OF_HUB: Weight = weight(20, 10 * MINUTE, HOUR, 0, 0);
/// One logon session: one person or one intruder, but a desktop's session lasts all day and holds both.
pub const SESSION: Weight = weight(100, 30 * MINUTE, 12 * HOUR, 20, 80);
/// One cloud principal; a role session or a user's own key.
pub const PRINCIPAL: Weight = weight(115, 4 * HOUR, 7 * DAY, 50, 90);
/// One access key: held by one party, or leaked.
pub const ACCESS_KEY: Weight = weight(140, DAY, 14 * DAY, 60, 120);
/// The role behind two sessions: shared by whoever may assume it.
pub const ROLE: Weight = weight(60, HOUR, DAY, 30, 0);
/// One named account. Alone it joins within hours, and only what is high or moves on: a person's own work trips rules
/// of medium level too.
pub const USER: Weight = weight(75, HOUR, DAY, 40, 50);
/// One named account, where neither finding has a host: the account is all that a mail or cloud log names.
pub const USER_WITHOUT_HOST: Weight = weight(90, HOUR, DAY, 40, 60);
/// An account that one finding made or gave rights to, and that acts in the other: an intruder's own key to the house. It
/// may lie unused for days.
pub const MADE_ACCOUNT: Weight = weight(100, 12 * HOUR, 7 * DAY, 60, 60);
/// `root`, `administrator` and their like on one host: many hands.
pub const GENERIC_USER: Weight = weight(45, 30 * MINUTE, 6 * HOUR, 30, 0);
/// One host, by the lower level of the two findings: high, medium, low.
pub const HOST_HIGH: Weight = weight(75, 15 * MINUTE, 6 * HOUR, 10, 0);
pub const HOST_MEDIUM: Weight = weight(45, 15 * MINUTE, 12 * HOUR, 10, 0);
pub const HOST_LOW: Weight = weight(30, 15 * MINUTE, 4 * HOUR, 20, 0);
/// One finding is on a host, the other names it as where it came from or went to: that is no coincidence of place.
pub const HOST_AT_OTHER_END: Weight = weight(85, 2 * HOUR, DAY, 30, 0);
/// One address outside.
pub const ADDRESS: Weight = weight(80, HOUR, 7 * DAY, 40, 50);
/// One address inside: a machine, as weak as a host.
pub const ADDRESS_INSIDE: Weight = weight(40, HOUR, DAY, 30, 0);
pub const DOMAIN: Weight = weight(85, DAY, 7 * DAY, 60, 60);
/// Neighbours below one rented domain.
pub const PARENT_DOMAIN: Weight = weight(60, DAY, 7 * DAY, 60, 30);
pub const FILE_HASH: Weight = weight(80, DAY, 7 * DAY, 60, 60);
/// One file on one host.
pub const FILE: Weight = weight(70, HOUR, 3 * DAY, 50, 40);
pub const SERVICE: Weight = weight(60, HOUR, DAY, 30, 0);

/// A second link of the same family adds a quarter: a session and its user are one fact seen twice.
pub const SECOND_OF_FAMILY_PERCENT: i32 = 25;

/// Both findings high or critical.
pub const BOTH_HIGH: i32 = 25;
/// One high or critical, the other medium.
pub const ONE_HIGH: i32 = 10;
/// Different tactics on the same host or by the same account: an intrusion moves on, a habit does not.
pub const PROGRESS: i32 = 15;
/// The host is one, but the accounts are known and different.
pub const OTHER_ACCOUNT: i32 = -30;
/// On one host within [`AT_ONCE_MS`]: what comes in one breath is mostly one act.
pub const AT_ONCE: i32 = 45;
pub const AT_ONCE_MS: i64 = 2 * MINUTE;
/// Further findings of the cluster on that host within [`HOST_CLOSE_MS`], each; at most three count.
pub const HOST_DENSITY: i32 = 15;
pub const HOST_CLOSE_MS: i64 = 10 * MINUTE;

/// Two findings of medium level or above belong together.
pub const JOIN: i32 = 100;
/// One is low: ordinary work trips low rules too, so that it takes an account and a host and little time, or more.
pub const JOIN_LOW: i32 = 120;
/// One is informational.
pub const JOIN_INFORMATIONAL: i32 = 140;
/// One is another product's alert of low or informational level: it was weighed before it came here.
pub const JOIN_ALERT: i32 = 110;
/// Whatever is a habit of its place (same rule, host and account on several days) joins only by process, logon
/// session or event.
pub const HABIT_SPAN_MS: i64 = 2 * DAY;
pub const HABIT_HOURS: usize = 4;

/// A low finding, unless by event, process or what is rare, joins only within this gap: in a day of ordinary work the
/// same account trips several low rules.
pub const LOW_GAP_MAX_MS: i64 = 15 * MINUTE;
/// Between two alerts of other products a gap counts this part of itself: such alerts are few and weighed, and
/// products tell of one act hours apart.
pub const ALERT_GAP_PART: i64 = 4;

/// Lateral movement came from somewhere: the one cluster of the same account domain that took credentials on another
/// host within this time before (clocks and detection may be late, so the same time after).
pub const LATERAL_MS: i64 = 15 * MINUTE;
pub const LATERAL: i32 = 60;
pub const SAME_ACCOUNT_DOMAIN: i32 = 20;

/// A host of which the data tells no more than so many bundles, all within so long: a snapshot, taken for a reason and
/// without ordinary days around it. All of it belongs together.
pub const SNAPSHOT_SPAN_MS: i64 = HOUR;
pub const SNAPSHOT_BUNDLES_MAX: usize = 16;

/// Where no group reaches [`INCIDENT`], so many of the strongest are told all the same, as of low severity.
pub const STRONGEST_TOLD: usize = 3;

/// Clocks of two hosts may differ by this much before closeness suffers.
pub const SKEW_MS: i64 = 5 * MINUTE;

/// Prevalence is learned from at least this many hosts and this long; below it only the fixed list holds back.
pub const LEARN_HOSTS: usize = 10;
pub const LEARN_SPAN_MS: i64 = 7 * DAY;
/// Learned to be everywhere: on a third of the hosts (five at least) and on half of the days (four at least). Days
/// count too, so that what spreads to every host in one night stays visible.
pub const EVERYWHERE_HOSTS_MIN: usize = 5;
pub const EVERYWHERE_DAYS_MIN: usize = 4;

/// An outside address used by this many accounts with different acts is a way out of a company, not a person.
pub const SHARED_ADDRESS_ACCOUNTS: usize = 3;
/// ... where two hosts or more are behind it, or it is in use for so long: one intruder too takes account after
/// account, yet from one place and within hours.
pub const SHARED_ADDRESS_SPAN_MS: i64 = 12 * HOUR;

/// Points of one finding by its level.
pub fn points(level: Level) -> u32 {
    match level {
        Level::Informational => 1,
        Level::Low => 3,
        Level::Medium => 10,
        Level::High => 25,
        Level::Critical => 50,
    }
}

/// A group with at least this risk is an incident: one high finding, or two medium ones that move on.
pub const INCIDENT: u32 = 25;
/// Each tactic beyond the first.
pub const PROGRESS_POINTS: u32 = 5;
/// Each host beyond the first, up to five.
pub const SPREAD_POINTS: u32 = 5;
pub const SPREAD_HOSTS_MAX: u32 = 5;
/// Percent on top where the rule fires on one host only, in data broad enough to say so.
pub const RARE_PERCENT: u32 = 20;

/// The threshold of a pair by the lower level of the two.
pub fn threshold(lower: Level, alert: bool) -> i32 {
    match lower {
        Level::Informational | Level::Low if alert => JOIN_ALERT,
        Level::Informational => JOIN_INFORMATIONAL,
        Level::Low => JOIN_LOW,
        Level::Medium | Level::High | Level::Critical => JOIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_falls_evenly_and_ends() {
        let w = weight(100, HOUR, 3 * HOUR, 50, 7);
        assert_eq!(w.over(Some(0)), 100);
        assert_eq!(w.over(Some(HOUR)), 100);
        assert_eq!(w.over(Some(2 * HOUR)), 75);
        assert_eq!(w.over(Some(3 * HOUR)), 50);
        assert_eq!(w.over(Some(3 * HOUR + 1)), 0);
        assert_eq!(w.over(None), 7);
    }
}
