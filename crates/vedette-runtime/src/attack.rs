//! What a rule's tags say of ATT&CK.

/// ATT&CK technique ids (`T1059.001`) and tactic short names, in the order of the tags: the tactics that the rule names,
/// and those that its techniques serve.
pub fn of_tags(tags: &[String]) -> (Vec<String>, Vec<String>) {
    let mut techniques = Vec::new();
    let mut tactics: Vec<String> = Vec::new();
    let mut add = |tactic: &str| {
        if !tactics.iter().any(|t| t == tactic) {
            tactics.push(tactic.to_owned());
        }
    };
    for tag in tags {
        if let Some(id) = vedette_attack::technique_id(tag) {
            let served = vedette_attack::technique(&id).map(|t| t.tactics).unwrap_or_default();
            served.iter().for_each(|t| add(t));
            techniques.push(id);
        } else if let Some(vedette_attack::Tagged::Tactic(tactic)) = vedette_attack::from_tag(tag) {
            add(tactic.shortname);
        }
    }
    (techniques, tactics)
}
