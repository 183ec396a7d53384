// How this report came to be, and what it cannot say.

function methodSection() {
  const s = data.summary;
  const m = data.meta;
  const capped = [
    [data.incidents.list.length, data.incidents.total, "incidents"], [data.findings.shown, data.findings.total, "findings"],
    [data.evidence.shown, data.evidence.total, "kept events"], [data.files.list.length, data.files.total, "files"], [data.coverage.list.length, data.coverage.total, "logs"],
  ].filter(([shown, total]) => shown < total);
  return el("section", { class: "list-part method", id: "method", "aria-labelledby": "method-title" },
    el("h2", { id: "method-title" }, "Method and limits"),
    el("div", { class: "halves" },
      el("div", null,
        el("h3", null, "How it was made"),
        facts([
          ["Program", `Vedette ${m.version}`],
          ["Rules", [`${number(s.rules.running)} running of ${number(s.rules.rules)}`, s.rules.left_out > 0 ? `, ${number(s.rules.left_out)} left out` : "", s.rules.no_source > 0 ? `, ${number(s.rules.no_source)} without a source in this version` : ""]],
          ["Rules hash", s.rules.hash && [el("code", { class: "hash" }, s.rules.hash), copyButton(s.rules.hash, "hash of the rules")]],
          ["Findings", `${number(data.findings.total)} = ${number(s.in_incidents)} in incidents + ${number(Math.max(0, data.findings.total - s.in_incidents))} set aside`],
          ["Outside the asked time", s.outside > 0 && plural(s.outside, "event")],
        ]),
        el("p", null, "No language model had a part in this. Rules matched events; findings were joined by the entities they share and by time, with weights and a threshold that each incident lists; each sentence of a story was made from the events it cites."),
        el("p", null, el("code", null, "vedette verify SCAN.json"), " checks every claim of the scan again: that each cited event is there, says what the claim says, and hashes to what is written beside it. With ", el("code", null, "--evidence DIR"), " it reads the original files.")),
      el("div", null,
        el("h3", null, "What it cannot say"),
        el("ul", null,
          el("li", null, "An ", el("em", null, "observed"), " step is said by the events it cites. An ", el("em", null, "inferred"), " one is a conclusion from them and may be wrong."),
          el("li", null, "What no log recorded, or no rule knows, is not here. An empty part of the ATT&CK table means not seen, not absent."),
          el("li", null, "Times are those of the records. A host whose clock was wrong tells wrong times."),
          s.unmapped > 0 ? el("li", null, `${plural(s.unmapped, "event")} of kinds that no mapping knows were searched only by rules that name no log source.`) : null,
          s.evidence_not_kept > 0 ? el("li", null, `${plural(s.evidence_not_kept, "cited event")} not kept beside the findings.`) : null,
          s.evidence_not_embedded > 0 ? el("li", null, `${plural(s.evidence_not_embedded, "kept event")} had no place in the scan’s JSON.`) : null,
          m.redacted ? redactedNote(m.redacted) : null,
          capped.length > 0 ? el("li", null, "To stay small this file is cut: ", capped.map(([shown, total, what]) => `${number(shown)} of ${number(total)} ${what} shown`).join("; "), ". The scan’s JSON holds all.") : null,
          el("li", null, "Characters that hide or reorder text are written out, as in ", el("code", null, "\\u{202e}"), "; very long values are cut, and say so.")))),
    s.problems.length > 0 ? [el("h3", null, "Problems of the run"), s.problems.map(problemText)] : null);
}

function redactedNote(r) {
  const told = [[r.users, "user"], [r.hosts, "host"], [r.domains, "domain"], [r.addresses, "address", "addresses"]].filter(([n]) => n > 0).map(([n, one, many]) => plural(n, one, many)).join(", ");
  return el("li", null, `Redacted: ${r.what.join(", ")}. Replaced: ${told || "nothing"}. The same name has the same pseudonym in this report, and another one elsewhere. Names of less than three letters, in encoded text, or that nothing marks as names may still stand. Hashes of events are those of the originals.`,
    r.beyond > 0 ? ` ${number(r.beyond)} names beyond the bound still stand.` : "");
}
