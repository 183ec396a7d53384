//! Reads the inputs one after another: opens, recognises, unpacks, cuts, and keeps the account of each file.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use vedette_model::{FileContext, FileFormat, FileIndex, Problem};

use crate::archive;
use crate::dates::{self, KnownYear, Written};
use crate::encoding::Transcoder;
use crate::frame::{self, Cut};
use crate::layout;
use crate::limits;
use crate::message::{FileEnd, Message};
use crate::options::Options;
use crate::problems::{self, Kind};
use crate::sniff::{self, Container, Foreign, Shape, Sniffed};
use crate::source::{Budget, Metered, Raw, Stream, Tap, TapReader};
use crate::walk::{Input, InputKind, Inputs};

impl Inputs {
    /// Opens every input once, in order, and hands on what is in it, until `emit` breaks.
    ///
    /// Batches are numbered from 0 over the whole run, files in the order of their starts.
    pub fn read(&self, emit: &mut dyn FnMut(Message) -> ControlFlow<()>) -> ControlFlow<()> {
        let mut reader = Reader::new(&self.options, &self.known_years, emit);
        let mut done = 0;
        for input in &self.list {
            self.progress_to(done);
            reader.input(input, self)?;
            done += input.size;
        }
        self.progress_to(done);
        ControlFlow::Continue(())
    }

    /// Years that the records of other files state, for files of the same folder whose stamps carry none: to be given
    /// before [`Inputs::read`], for example after a first pass over the files that state theirs.
    pub fn assume_from_neighbours(&mut self, known: impl IntoIterator<Item = KnownYear>) {
        self.known_years.extend(known);
    }
}

/// One file or member, before it is known what it is.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub shown: String,
    argument_parts: usize,
    pub written: Option<Written>,
    size: u64,
    is_input: bool,
    /// What was read so far is the inside of a compressed file: a tar in it is not one more level.
    compressed: bool,
    renamed: bool,
}

impl Item {
    fn of(input: &Input) -> Item {
        Item {
            shown: input.shown(),
            argument_parts: input.argument_parts,
            written: input.modified.map(|time| Written { time, source: "file date" }),
            size: input.size,
            is_input: true,
            compressed: false,
            renamed: false,
        }
    }

    /// A member of this archive.
    pub(crate) fn member(&self, name: &[u8], size: u64, written: Option<Written>) -> Item {
        let (name, renamed) = archive::harmless(name);
        Item {
            shown: format!("{}!{name}", self.shown),
            argument_parts: self.argument_parts,
            written: written.or(self.written.map(|w| Written { source: "date of the archive", ..w })),
            size,
            is_input: false,
            compressed: false,
            renamed,
        }
    }
}

/// Problems of the file at hand.
#[derive(Default)]
pub(crate) struct Notes(Vec<Problem>);

impl Notes {
    pub(crate) fn add(&mut self, kind: Kind, place: &str, detail: &str) {
        self.push(kind.at(place, detail));
    }

    fn push(&mut self, problem: Problem) {
        frame::note(&mut self.0, problem);
    }
}

/// What the end of a file tells beside its problems.
#[derive(Default)]
struct Account {
    bytes_read: u64,
    records_cut: u64,
    lines_blank: u64,
    lines_header: u64,
    container: bool,
    encoding: Option<&'static str>,
}

pub(crate) struct Reader<'a> {
    options: &'a Options,
    known: &'a [KnownYear],
    emit: &'a mut dyn FnMut(Message) -> ControlFlow<()>,
    seq: u64,
    index: u32,
    /// What an archive may expand to before its ratio counts.
    free: u64,
    /// Of the input being read.
    budget: Rc<Budget>,
    tap: Option<Rc<RefCell<Tap>>>,
    buffers: Vec<Vec<u8>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        options: &'a Options,
        known: &'a [KnownYear],
        emit: &'a mut dyn FnMut(Message) -> ControlFlow<()>,
    ) -> Self {
        Reader {
            options,
            known,
            emit,
            seq: 0,
            index: 0,
            free: limits::ARCHIVE_RATIO_FREE_BYTES,
            budget: Rc::default(),
            tap: None,
            buffers: Vec::new(),
        }
    }

    fn input(&mut self, input: &Input, inputs: &Inputs) -> ControlFlow<()> {
        let item = Item::of(input);
        let raw = match &input.kind {
            InputKind::NotRead(kind, detail) => return self.not_read(&item, *kind, detail),
            InputKind::Stdin => Raw::Pipe(Box::new(io::stdin())),
            InputKind::File => match File::open(&input.path) {
                Ok(file) => Raw::File(file),
                Err(e) => return self.not_read(&item, problems::UNREADABLE, &e.to_string()),
            },
        };
        self.source(raw, &item, inputs.progress())
    }

    /// Reads one input from its bytes.
    pub(crate) fn source(
        &mut self,
        raw: Raw,
        item: &Item,
        progress: Arc<std::sync::atomic::AtomicU64>,
    ) -> ControlFlow<()> {
        self.budget = Rc::new(Budget::with_free(self.free));
        let tap = Tap::new(raw, item.size, self.options.sha256, progress, Rc::clone(&self.budget));
        self.tap = Some(Rc::clone(&tap));
        let flow = self.layer(Box::new(TapReader(tap)), item, 0);
        self.tap = None;
        flow
    }

    pub(crate) fn budget(&self) -> Rc<Budget> {
        Rc::clone(&self.budget)
    }

    pub(crate) fn budget_tripped(&self) -> bool {
        self.budget.tripped()
    }

    pub(crate) fn passwords(&self) -> &'a [Vec<u8>] {
        &self.options.zip_passwords
    }

    /// A block to read into; it comes back with the stream that used it.
    pub(crate) fn buffer(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_default()
    }

    /// Reads one item from its bytes. `depth` counts the archives around it.
    pub(crate) fn layer(&mut self, bytes: Box<dyn Read + '_>, item: &Item, depth: u32) -> ControlFlow<()> {
        let buffer = self.buffer();
        let mut stream = Stream::new(bytes, buffer);
        let flow = self.item(&mut stream, item, depth);
        self.buffers.push(stream.into_buffer());
        flow
    }

    fn item(&mut self, stream: &mut Stream<'_>, item: &Item, depth: u32) -> ControlFlow<()> {
        let (window, complete) = stream.peek();
        let sniffed = sniff::sniff(window, complete);
        match &sniffed.shape {
            Shape::Container(kind) => self.container(stream, item, depth, *kind),
            Shape::Foreign(foreign) => self.foreign(stream, item, *foreign),
            Shape::Empty | Shape::Unknown => {
                let format = match sniffed.shape {
                    Shape::Empty if stream.failed.is_none() => FileFormat::Empty,
                    _ => FileFormat::Unknown,
                };
                let mut notes = Notes::default();
                self.told_failure(stream, item, depth, &mut notes);
                if notes.0.is_empty() {
                    let kind = if format == FileFormat::Empty { problems::EMPTY } else { problems::UNKNOWN };
                    notes.add(kind, &item.shown, "");
                }
                let context = self.start(item, format)?;
                self.end(&context, item, notes, Account { bytes_read: stream.consumed, ..Account::default() })
            }
            _ => self.records(stream, item, depth, &sniffed),
        }
    }

    /// Cuts a log into records.
    fn records(
        &mut self,
        stream: &mut Stream<'_>,
        item: &Item,
        depth: u32,
        sniffed: &Sniffed,
    ) -> ControlFlow<()> {
        let Some(mut framer) = frame::framer(&sniffed.shape) else { return ControlFlow::Continue(()) };
        let context = self.start(item, format(&sniffed.shape))?;
        let mut transcoder = sniffed.encoding.map(Transcoder::new);
        let mut cut = Cut::new(Arc::clone(&context), &mut self.seq, &mut *self.emit);
        loop {
            let block = stream.block();
            let (bytes, last) = (block.len(), block.is_empty());
            match &mut transcoder {
                Some(transcoder) => framer.push(transcoder.decode(block, last), &mut cut),
                None => framer.push(block, &mut cut),
            }
            stream.take(bytes);
            if cut.stopped {
                return ControlFlow::Break(());
            }
            if last {
                break;
            }
        }
        framer.finish(&mut cut);
        cut.finish();
        if cut.stopped {
            return ControlFlow::Break(());
        }
        let account = Account {
            bytes_read: stream.consumed,
            records_cut: cut.records,
            lines_blank: cut.lines_blank,
            lines_header: cut.lines_header,
            container: false,
            encoding: sniffed.encoding.and_then(|e| e.name()),
        };
        let mut notes = Notes(std::mem::take(&mut cut.problems));
        if transcoder.is_some_and(|t| t.replaced) {
            notes.add(problems::ENCODING, &item.shown, account.encoding.unwrap_or("UTF-8"));
        }
        self.told_failure(stream, item, depth, &mut notes);
        self.end(&context, item, notes, account)
    }

    fn foreign(&mut self, stream: &Stream<'_>, item: &Item, foreign: Foreign) -> ControlFlow<()> {
        let context = self.start(item, FileFormat::Foreign(foreign.name))?;
        let mut notes = Notes::default();
        notes.push(Problem {
            remedy: foreign.remedy.to_owned(),
            ..problems::FOREIGN.at(&item.shown, foreign.what)
        });
        self.end(&context, item, notes, Account { bytes_read: stream.consumed, ..Account::default() })
    }

    fn container(
        &mut self,
        stream: &mut Stream<'_>,
        item: &Item,
        depth: u32,
        kind: Container,
    ) -> ControlFlow<()> {
        // The tar of a `.tar.gz` is the same archive.
        let depth = if kind == Container::Tar && item.compressed { depth - 1 } else { depth };
        if depth >= limits::ARCHIVE_DEPTH_MAX {
            let context = self.start(item, FileFormat::Foreign(name(kind)))?;
            let mut notes = Notes::default();
            notes.add(problems::TOO_DEEP, &item.shown, name(kind));
            return self.end(&context, item, notes, Account { container: true, ..Account::default() });
        }
        match kind {
            Container::Gzip => {
                let mut inner = Item { compressed: true, ..item.clone() };
                if let Some(time) =
                    archive::gzip_time(stream.peek().0).and_then(vedette_model::Timestamp::from_secs)
                {
                    inner.written = Some(Written { time, source: "date in the gzip header" });
                }
                let budget = self.budget();
                let decoder = flate2::bufread::MultiGzDecoder::new(stream);
                self.layer(Box::new(Metered::new(decoder, &budget)), &inner, depth + 1)
            }
            Container::Zstd => {
                let inner = Item { compressed: true, ..item.clone() };
                let budget = self.budget();
                match archive::zstd_decoder(stream) {
                    Ok(decoder) => self.layer(Box::new(Metered::new(decoder, &budget)), &inner, depth + 1),
                    Err(e) => self.not_read(item, problems::ARCHIVE_BROKEN, &e.to_string()),
                }
            }
            Container::Tar | Container::Zip => self.members(stream, item, depth + 1, kind),
        }
    }

    fn members(
        &mut self,
        stream: &mut Stream<'_>,
        item: &Item,
        depth: u32,
        kind: Container,
    ) -> ControlFlow<()> {
        let context = self.start(item, FileFormat::Foreign(name(kind)))?;
        let mut notes = Notes::default();
        let seekable =
            item.is_input && !item.compressed && self.tap.as_ref().is_some_and(|t| t.borrow().seekable());
        match kind {
            Container::Tar => archive::read_tar(self, stream, item, depth, &mut notes)?,
            _ if seekable => self.zip_file(stream, item, depth, &mut notes)?,
            _ => archive::read_nested_zip(self, stream, item, depth, &mut notes)?,
        }
        self.told_failure(stream, item, depth, &mut notes);
        let bytes_read = if seekable { item.size } else { stream.consumed };
        self.end(&context, item, notes, Account { bytes_read, container: true, ..Account::default() })
    }

    /// A zip that lies on disk: hashed first from beginning to end (when asked for), then read by its directory.
    fn zip_file(
        &mut self,
        stream: &mut Stream<'_>,
        item: &Item,
        depth: u32,
        notes: &mut Notes,
    ) -> ControlFlow<()> {
        let Some(tap) = self.tap.clone() else { return ControlFlow::Continue(()) };
        if self.options.sha256 {
            let mut spare = self.buffer();
            spare.resize(limits::READ_BYTES, 0);
            tap.borrow_mut().finish(&mut spare);
            self.buffers.push(spare);
        }
        self.budget.reach(item.size);
        let mut source = TapReader(tap);
        match archive::read_zip(self, source.clone(), item, depth, notes) {
            Ok(flow) => flow,
            Err(why) => {
                notes.add(problems::ZIP_DIRECTORY, &item.shown, &why);
                if let Err(e) = source.seek(SeekFrom::Start(0)) {
                    notes.add(problems::READ_FAILED, &item.shown, &e.to_string());
                    return ControlFlow::Continue(());
                }
                let buffer = self.buffer();
                let mut whole = Stream::new(Box::new(source), buffer);
                let flow = archive::read_zip_in_order(self, &mut whole, item, depth, notes);
                stream.failed = whole.failed.take();
                self.buffers.push(whole.into_buffer());
                flow
            }
        }
    }

    /// Lists a path that is not read, with the reason.
    pub(crate) fn not_read(&mut self, item: &Item, kind: Kind, detail: &str) -> ControlFlow<()> {
        let format = match kind {
            problems::LINK => FileFormat::Foreign("link"),
            problems::SPECIAL => FileFormat::Foreign("special-file"),
            _ => FileFormat::Unknown,
        };
        let context = self.start(item, format)?;
        let mut notes = Notes::default();
        notes.add(kind, &item.shown, detail);
        self.end(&context, item, notes, Account::default())
    }

    /// Tells the error that ended the stream, if one did.
    fn told_failure(&self, stream: &Stream<'_>, item: &Item, depth: u32, notes: &mut Notes) {
        let place = format!("{} at byte {}", item.shown, stream.consumed);
        // Above a decompressor, a disk error looks like a damaged archive.
        if let Some(fault) = self.tap.as_ref().and_then(|tap| tap.borrow().fault.clone()) {
            return notes.add(problems::READ_FAILED, &place, &fault);
        }
        let Some(error) = &stream.failed else { return };
        let text = error.to_string();
        if self.budget.tripped() {
            notes.add(problems::BOMB, &place, "");
        } else if text.contains("too much memory") {
            notes.add(problems::ZSTD_WINDOW, &place, &text);
        } else if depth > 0 {
            notes.add(problems::ARCHIVE_BROKEN, &place, &text);
        } else {
            notes.add(problems::READ_FAILED, &place, &text);
        }
    }

    fn start(&mut self, item: &Item, format: FileFormat) -> ControlFlow<(), Arc<FileContext>> {
        let context = Arc::new(FileContext {
            index: FileIndex(self.index),
            path: item.shown.clone(),
            format,
            modified: item.written.map(|w| w.time),
            host: layout::host(&item.shown, item.argument_parts, self.options.host_from_path),
            channel: layout::channel(&item.shown),
            zone: dates::zone(self.options, &item.shown),
            year: dates::year(self.options, self.known, &item.shown, item.written),
        });
        self.index += 1;
        match (self.emit)(Message::FileStart(Arc::clone(&context))) {
            ControlFlow::Continue(()) => ControlFlow::Continue(context),
            ControlFlow::Break(()) => ControlFlow::Break(()),
        }
    }

    fn end(
        &mut self,
        context: &FileContext,
        item: &Item,
        mut notes: Notes,
        account: Account,
    ) -> ControlFlow<()> {
        if item.renamed {
            notes.add(problems::NAME, &item.shown, "");
        }
        let mut sha256 = None;
        if item.is_input
            && let Some(tap) = self.tap.clone()
        {
            let mut spare = self.buffer();
            spare.resize(limits::READ_BYTES, 0);
            sha256 = tap.borrow_mut().finish(&mut spare);
            self.buffers.push(spare);
            if let Some(length) = tap.borrow().length().filter(|length| *length != item.size) {
                notes.add(
                    problems::SIZE_CHANGED,
                    &item.shown,
                    &format!("{} bytes when listed, {length} when read", item.size),
                );
            }
        }
        (self.emit)(Message::FileEnd(FileEnd {
            index: context.index,
            path: context.path.clone(),
            format: context.format,
            bytes_read: account.bytes_read,
            sha256,
            size: item.size,
            records_cut: account.records_cut,
            lines_blank: account.lines_blank,
            lines_header: account.lines_header,
            container: account.container,
            problems: notes.0,
            encoding: account.encoding,
        }))
    }
}

fn name(kind: Container) -> &'static str {
    match kind {
        Container::Gzip => "gzip",
        Container::Zstd => "zstd",
        Container::Tar => "tar",
        Container::Zip => "zip",
    }
}

fn format(shape: &Shape) -> FileFormat {
    match shape {
        Shape::Empty => FileFormat::Empty,
        Shape::Container(kind) => FileFormat::Foreign(name(*kind)),
        Shape::Foreign(foreign) => FileFormat::Foreign(foreign.name),
        Shape::Unknown => FileFormat::Unknown,
        Shape::Evtx { .. } => FileFormat::Evtx,
        Shape::JsonLines => FileFormat::JsonLines,
        Shape::JsonConcatenated => FileFormat::JsonConcatenated,
        Shape::JsonArray => FileFormat::JsonArray,
        Shape::JsonWrapped(_) => FileFormat::JsonWrapped,
        Shape::Csv { .. } => FileFormat::Csv,
        Shape::Zeek => FileFormat::ZeekTsv,
        Shape::W3c => FileFormat::W3c,
        Shape::Auditd => FileFormat::Auditd,
        Shape::Lines => FileFormat::Lines,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).expect("written");
        encoder.finish().expect("a gzip")
    }

    /// Reads a pipe; path, bytes read, records and problem codes of each file.
    fn read(content: Vec<u8>, free: u64) -> Vec<(String, u64, u64, Vec<&'static str>)> {
        let options = Options { sha256: true, ..Options::default() };
        let mut out = Vec::new();
        let mut emit = |message: Message| {
            if let Message::FileEnd(end) = message {
                let codes = end.problems.iter().map(|p| p.code).collect();
                out.push((end.path, end.bytes_read, end.records_cut, codes));
            }
            ControlFlow::Continue(())
        };
        let input =
            Input { path: "-".into(), kind: InputKind::Stdin, size: 0, modified: None, argument_parts: 1 };
        let mut reader = Reader::new(&options, &[], &mut emit);
        reader.free = free;
        let flow =
            reader.source(Raw::Pipe(Box::new(Cursor::new(content))), &Item::of(&input), Arc::default());
        assert!(flow.is_continue());
        out
    }

    #[test]
    fn a_pipe_is_read_like_a_file() {
        assert_eq!(read(b"a\nb\n".to_vec(), 1), [("-".to_owned(), 4, 2, vec![])]);
        assert_eq!(read(gzip(b"a\nb\n"), 1 << 20), [("-".to_owned(), 4, 2, vec![])]);
        assert_eq!(read(Vec::new(), 1), [("-".to_owned(), 0, 0, vec!["VD-I004"])]);
    }

    #[test]
    fn a_bomb_is_read_up_to_the_bound() {
        const FREE: u64 = 4 << 20;
        let plain = b"the same line again and again\n".repeat(1_000_000);
        let bomb = gzip(&gzip(&plain));
        assert!((plain.len() as u64) > limits::ARCHIVE_RATIO_MAX * bomb.len() as u64);
        let seen = read(bomb.clone(), FREE);
        assert_eq!(seen.len(), 1);
        let (_, bytes, records, codes) = &seen[0];
        assert_eq!(codes, &["VD-I012"]);
        let bound = FREE.max(limits::ARCHIVE_RATIO_MAX * bomb.len() as u64);
        assert!(*bytes <= bound && *bytes * 2 > bound && *records > 10_000, "{bytes} of {bound}");
        assert_eq!(read(bomb, 1 << 30)[0].2, 1_000_000, "the same is read whole where the bound allows it");
    }

    #[test]
    fn a_bomb_of_many_members_ends_its_archive() {
        let mut builder = tar::Builder::new(Vec::new());
        let line = b"the same line again and again\n".repeat(100_000);
        for n in 0..20 {
            let mut header = tar::Header::new_gnu();
            header.set_size(line.len() as u64);
            builder.append_data(&mut header, format!("{n}.log"), &line[..]).expect("a member");
        }
        let seen = read(gzip(&gzip(&builder.into_inner().expect("a tar"))), 4 << 20);
        assert!(seen.len() < 20, "{}", seen.len());
        let (path, .., codes) = seen.last().expect("the archive itself");
        assert_eq!((path.as_str(), codes.as_slice()), ("-", &["VD-I012"][..]));
    }
}
