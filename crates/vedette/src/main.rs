//! The door: parse the command line, call one room, print.

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use cli::{Cli, Command, Rules};
use fault::Fault;
use output::paint::Paint;

mod cli;
mod commands;
mod environment;
mod fault;
mod library;
mod output;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let paint = Paint::choose(cli.color, environment::no_color());
    match run(&cli.command, paint) {
        Ok(code) => code,
        // The reader of a pipe has seen enough, as with `head`.
        Err(Fault::Io { source, .. }) if source.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(fault) => {
            report(&fault);
            fault.exit_code()
        }
    }
}

#[expect(clippy::print_stderr, reason = "this is where faults are told")]
fn report(fault: &Fault) {
    eprintln!("{}", output::neutral::lines(&fault.to_string()));
}

fn run(command: &Command, paint: Paint) -> Result<ExitCode, Fault> {
    match command {
        Command::Scan(args) => commands::scan::run(args, paint),
        Command::Incident(of) => commands::incident::run(of, paint),
        Command::Report(args) => commands::report::run(args),
        Command::Hunt(args) => commands::hunt::run(args, paint),
        Command::Stats(args) => commands::stats::run(args, paint),
        Command::Mcp(args) => commands::mcp::run(args),
        Command::Verify(args) => commands::verify::run(args, paint),
        Command::Rules(Rules::Bench(args)) => commands::rules_bench::run(args, paint),
        Command::Drill(args) => commands::drill::run(args, paint),
        Command::Rules(Rules::Check(args)) => commands::rules_check::run(args, paint),
        Command::Rules(Rules::Coverage(args)) => commands::rules_coverage::run(args, paint),
        Command::Rules(Rules::Explain(args)) => commands::rules_explain::run(args, paint),
        Command::Rules(Rules::Test(args)) => commands::rules_test::run(args, paint),
        Command::Rules(Rules::Import(args)) => commands::rules_import::run(args),

        Command::Schema { of } => commands::schema::run(*of),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Cli::command(), "vedette", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}
