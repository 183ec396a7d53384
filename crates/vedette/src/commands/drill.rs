//! `vedette drill`: questions about the sample estate, asked one by one or answered from a file, and graded against
//! sealed answers.

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use crate::cli::{Drill as Args, DrillFormat};
use crate::environment;
use crate::fault::Fault;
use crate::output::neutral::{lines, short, terminal, wrap};
use crate::output::number;
use crate::output::paint::Paint;

mod answer;
mod book;
mod estate;
mod given;

use book::{Drill, Question};

/// Where the sample estate lies in a checkout.
const ESTATE: &str = "sample/estate";
const TRIES_MAX: u32 = 3;
/// Of an answer's text, as much is shown.
const SHOWN_MAX: usize = 120;

/// How a question ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Right,
    Wrong,
    /// Not of the form that is asked for, for example no time.
    Unfit,
    Skipped,
}

#[derive(Debug, Serialize)]
struct Graded<'a> {
    id: &'a str,
    ask: &'a str,
    given: Option<String>,
    outcome: Outcome,
    tries: u32,
    hints: u32,
    lesson: &'a str,
    /// What shows it.
    command: String,
}

#[derive(Debug, Serialize)]
struct Result_<'a> {
    drill: &'a str,
    questions: usize,
    right: usize,
    hints: u32,
    /// From the first question to the last answer; absent where answers came from a file.
    seconds: Option<i64>,
    answers: Vec<Graded<'a>>,
    /// What of the answers could not be used.
    problems: Vec<String>,
}

/// # Errors
/// Wrong arguments, no estate, an answers file that cannot be read, output that cannot be written.
pub fn run(args: &Args, paint: Paint) -> Result<ExitCode, Fault> {
    let all = book::builtin()?;
    if args.list {
        return list(&all, args.format).map_err(Fault::io("cannot write the list"));
    }
    let drill = all.iter().find(|d| d.name == args.drill).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|d| d.name.as_str()).collect();
        Fault::usage_help(
            format!("there is no drill `{}`", args.drill),
            format!("the drills are: {}", names.join(", ")),
        )
    })?;
    let estate = args.estate.as_deref().unwrap_or(Path::new(ESTATE));
    if args.questions {
        return questions(drill, args.format).map_err(Fault::io("cannot write the questions"));
    }
    if args.estate.is_some() || args.answers.is_none() {
        estate::look(estate, &drill.estate)?;
    }
    let place = estate.to_string_lossy();
    let result = match &args.answers {
        Some(file) => from_file(drill, &place, given::read(file, drill)?),
        None => {
            let mut input = io::stdin().lock();
            let talked = match args.format {
                DrillFormat::Table => ask(drill, &place, &mut input, &mut io::stdout().lock(), paint),
                DrillFormat::Json => ask(drill, &place, &mut input, &mut io::stderr().lock(), paint),
            };
            talked.map_err(Fault::io("cannot go on with the questions"))?
        }
    };
    let all_right = result.right == result.questions;
    match args.format {
        DrillFormat::Table => table(&result, args.answers.is_some(), &mut io::stdout().lock(), paint),
        DrillFormat::Json => json(&result),
    }
    .map_err(Fault::io("cannot write the result"))?;
    Ok(ExitCode::from(u8::from(!all_right)))
}

fn json(value: &impl Serialize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    out.write_all(b"\n")
}

fn list(all: &[Drill], format: DrillFormat) -> io::Result<ExitCode> {
    if format == DrillFormat::Json {
        json(&all.iter().map(|d| (&d.name, &d.title)).collect::<std::collections::BTreeMap<_, _>>())?;
    } else {
        let mut out = io::stdout().lock();
        for drill in all {
            let asks = number::of(drill.questions.len() as u64, "question", "questions");
            writeln!(out, "{:12} {} ({asks})", drill.name, drill.title)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn questions(drill: &Drill, format: DrillFormat) -> io::Result<ExitCode> {
    if format == DrillFormat::Json {
        json(&drill.questions.iter().map(Asked::of).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    // A form to be filled in: `--answers` reads it as it is.
    let mut out = io::stdout().lock();
    for (i, question) in drill.questions.iter().enumerate() {
        commented(&mut out, &format!("{}. {}", i + 1, question.ask))?;
        for (letter, option) in &question.options {
            commented(&mut out, &format!("{letter}) {option}"))?;
        }
        writeln!(out, "{}:\n", question.id)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn commented(out: &mut dyn Write, text: &str) -> io::Result<()> {
    wrap(text, 96, 3).iter().try_for_each(|line| writeln!(out, "# {}", terminal(line)))
}

/// A question as it is asked, without seals.
#[derive(Serialize)]
struct Asked<'a> {
    id: &'a str,
    kind: &'a str,
    ask: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    options: &'a [(String, String)],
}

impl<'a> Asked<'a> {
    fn of(question: &'a Question) -> Self {
        let Question { id, ask, options, .. } = question;
        Self { id, kind: question.kind.name(), ask, options }
    }
}

/// Words in lines as wide as the screen: `lead` blanks before each, `hang` more before all but the first.
fn put(out: &mut dyn Write, text: &str, lead: usize, hang: usize) -> io::Result<()> {
    let width = environment::columns().min(100) - lead;
    wrap(text, width, hang).iter().try_for_each(|line| writeln!(out, "{:lead$}{}", "", terminal(line)))
}

fn graded<'a>(question: &'a Question, place: &str) -> Graded<'a> {
    Graded {
        id: &question.id,
        ask: &question.ask,
        given: None,
        outcome: Outcome::Skipped,
        tries: 0,
        hints: 0,
        lesson: &question.lesson,
        command: question.command.replace("{estate}", place),
    }
}

fn summed<'a>(
    drill: &'a Drill,
    answers: Vec<Graded<'a>>,
    seconds: Option<i64>,
    problems: Vec<String>,
) -> Result_<'a> {
    Result_ {
        drill: &drill.name,
        questions: drill.questions.len(),
        right: answers.iter().filter(|a| a.outcome == Outcome::Right).count(),
        hints: answers.iter().map(|a| a.hints).sum(),
        seconds,
        answers,
        problems,
    }
}

fn from_file<'a>(drill: &'a Drill, place: &str, given: given::Given) -> Result_<'a> {
    let mut problems = given.problems;
    let answers = drill.questions.iter().map(|question| {
        let mut row = graded(question, place);
        if let Some(text) = given.answers.get(&question.id) {
            row.tries = 1;
            row.outcome = match answer::is_right(drill, question, text) {
                Ok(true) => Outcome::Right,
                Ok(false) => Outcome::Wrong,
                Err(what) => {
                    problems.push(format!("{}: {what}", question.id));
                    Outcome::Unfit
                }
            };
            row.given = Some(text.clone());
        }
        row
    });
    let answers = answers.collect();
    summed(drill, answers, None, problems)
}

/// The conversation. The end of the input leaves out what has not been asked.
fn ask<'a>(
    drill: &'a Drill,
    place: &str,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
    paint: Paint,
) -> io::Result<Result_<'a>> {
    let begun = environment::now();
    writeln!(out, "{}", paint.bold(&drill.title))?;
    put(out, &drill.about, 0, 0)?;
    writeln!(out)?;
    put(out, &format!("The logs lie in {place}. Type an answer, or: hint, skip, quit."), 0, 0)?;
    let mut answers: Vec<Graded<'_>> = drill.questions.iter().map(|q| graded(q, place)).collect();
    for (i, (question, row)) in drill.questions.iter().zip(&mut answers).enumerate() {
        writeln!(out)?;
        put(out, &format!("{} of {} · {}", i + 1, drill.questions.len(), question.ask), 0, 2)?;
        for (letter, option) in &question.options {
            put(out, &format!("{letter}) {option}"), 2, 3)?;
        }
        if !one(drill, question, row, input, out, paint)? {
            break;
        }
    }
    let seconds = (environment::now().millis() - begun.millis()) / 1_000;
    Ok(summed(drill, answers, Some(seconds), Vec::new()))
}

/// One question until it is answered, given up or skipped. `false` when nothing more is to be asked.
fn one(
    drill: &Drill,
    question: &Question,
    row: &mut Graded<'_>,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
    paint: Paint,
) -> io::Result<bool> {
    loop {
        write!(out, "> ")?;
        out.flush()?;
        let Some(text) = given::line(input)? else {
            writeln!(out)?;
            return Ok(false);
        };
        match text.trim() {
            "" => continue,
            "quit" | "exit" => return Ok(false),
            "skip" => {
                row.outcome = Outcome::Skipped;
                after(row, out, "Look at:")?;
                return Ok(true);
            }
            "hint" => {
                row.hints += 1;
                put(out, &question.hint, 0, 0)?;
                continue;
            }
            typed => row.given = Some(typed.to_owned()),
        }
        match answer::is_right(drill, question, &text) {
            Err(what) => put(out, &format!("That cannot be compared: {what}."), 0, 0)?,
            Ok(right) => {
                row.tries += 1;
                row.outcome = if right { Outcome::Right } else { Outcome::Wrong };
                if right {
                    writeln!(out, "{}", paint.bold("Right."))?;
                    after(row, out, "Shown by:")?;
                    return Ok(true);
                }
                if row.tries >= TRIES_MAX {
                    writeln!(out, "{}", paint.warn("Not that either."))?;
                    after(row, out, "Look at:")?;
                    return Ok(true);
                }
                let left = number::of(u64::from(TRIES_MAX - row.tries), "try", "tries");
                writeln!(out, "{} {left} left.", paint.warn("Not that."))?;
            }
        }
    }
}

/// What is to be learned, and where to see it.
fn after(row: &Graded<'_>, out: &mut dyn Write, lead: &str) -> io::Result<()> {
    put(out, row.lesson, 0, 0)?;
    // A command is not cut into lines: it is there to be copied.
    writeln!(out, "{lead} {}", lines(&row.command))
}

fn table(result: &Result_<'_>, whole: bool, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    writeln!(out)?;
    for (i, row) in result.answers.iter().enumerate() {
        if !whole && row.outcome == Outcome::Right {
            continue;
        }
        let word = match row.outcome {
            Outcome::Right => "✓ right",
            Outcome::Wrong => "✗ wrong",
            Outcome::Unfit => "✗ not to be compared",
            Outcome::Skipped => "– not answered",
        };
        put(out, &format!("{}. {}", i + 1, row.ask), 0, 3)?;
        let given = row.given.as_deref().map(|g| format!(": {}", terminal(&short(g, SHOWN_MAX))));
        let word = if row.outcome == Outcome::Right { paint.bold(word) } else { paint.warn(word) };
        writeln!(out, "   {word}{}", given.unwrap_or_default())?;
        if whole {
            put(out, row.lesson, 3, 0)?;
        }
        if row.outcome != Outcome::Right {
            writeln!(out, "   look at: {}", lines(&row.command))?;
        }
    }
    for problem in &result.problems {
        put(out, &format!("! {problem}"), 0, 2)?;
    }
    let mut score = format!("{} of {} right", result.right, result.questions);
    if result.hints > 0 {
        score.push_str(&format!(", {}", number::of(u64::from(result.hints), "hint", "hints")));
    }
    if let Some(seconds) = result.seconds {
        score.push_str(&format!(", in {} min {:02} s", seconds / 60, seconds % 60));
    }
    writeln!(out, "{}", paint.bold(score))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Colour;

    #[test]
    fn a_conversation_counts_tries_hints_and_skips() {
        let all = book::builtin().expect("the built-in drills load");
        let drill = &all[0];
        let mut typed: &[u8] = b"hint\nnobody-1\n\nnobody-2\nnobody-3\nskip\nquit\n";
        let mut said = Vec::new();
        let paint = Paint::choose(Colour::Never, true);
        let result = ask(drill, "there", &mut typed, &mut said, paint).expect("it ends");
        let said = String::from_utf8(said).expect("text");
        assert_eq!((result.right, result.hints, result.answers[0].tries), (0, 1, 3));
        assert_eq!(result.answers[0].outcome, Outcome::Wrong);
        assert!(said.contains("2 tries left") && said.contains("1 try left"), "{said}");
        assert!(said.contains("Look at: vedette scan there/windows"), "{said}");
        assert!(result.answers[1..].iter().all(|a| a.outcome == Outcome::Skipped));
    }
}
