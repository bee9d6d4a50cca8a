#include "tests/support/simulated_disk.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <random>
#include <set>
#include <vector>

#include <sqlite3.h>
#include <strings.h>

#include "tests/support/temporary_directory.h"

namespace stoa::test {

namespace {

constexpr size_t sectorBytes = 512;
constexpr size_t operationKinds = 6;

bool isBelow(const std::string& path, const std::string& prefix)
{
    return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

std::string folderOf(const std::string& path)
{
    return path.substr(0, path.rfind('/'));
}

// What a file holds, in blocks that copies share until one of them is written to: files are copied at every restart,
// and a log that grows is not to be moved again and again.
class Content {
public:
    size_t size() const { return size_; }

    // All of it must be there.
    void read(char* to, size_t offset, size_t size) const
    {
        each(offset, size, [&](size_t block, size_t from, size_t count) {
            std::memcpy(to, blocks_[block]->data() + from, count);
            to += count;
        });
    }
    // What lies between the end and the offset is zero.
    void write(std::string_view bytes, size_t offset)
    {
        grow(offset + bytes.size());
        const char* next = bytes.data();
        each(offset, bytes.size(), [&](size_t block, size_t from, size_t count) {
            std::memcpy(own(block).data() + from, next, count);
            next += count;
        });
    }
    void truncate(size_t size)
    {
        if (size >= size_)
            return;
        const size_t end = std::min(size_, (size / blockBytes + 1) * blockBytes);
        each(size, end - size,
             [&](size_t block, size_t from, size_t count) { std::memset(own(block).data() + from, 0, count); });
        size_ = size;
        blocks_.resize((size + blockBytes - 1) / blockBytes);
    }

private:
    static constexpr size_t blockBytes = 4'096;
    using Block = std::array<char, blockBytes>;

    void grow(size_t size)
    {
        size_ = std::max(size_, size);
        while (blocks_.size() * blockBytes < size_)
            blocks_.push_back(std::make_shared<Block>());
    }
    Block& own(size_t block)
    {
        std::shared_ptr<Block>& shared = blocks_[block];
        if (shared.use_count() > 1)
            shared = std::make_shared<Block>(*shared);
        return *shared;
    }
    template <class Work>
    static void each(size_t offset, size_t size, const Work& work)
    {
        for (const size_t end = offset + size; offset < end;) {
            const size_t from = offset % blockBytes;
            const size_t count = std::min(blockBytes - from, end - offset);
            work(offset / blockBytes, from, count);
            offset += count;
        }
    }

    size_t size_ = 0;
    std::vector<std::shared_ptr<Block>> blocks_; // zero above the size
};

// What was done to a file since its last sync.
struct Alteration {
    bool truncate = false;
    size_t offset = 0; // of a truncation: the new size
    std::string bytes;
};

void perform(const Alteration& alteration, Content& to)
{
    if (alteration.truncate)
        to.truncate(alteration.offset);
    else
        to.write(alteration.bytes, alteration.offset);
}

struct OpenFile;

struct File {
    std::string path;
    Content bytes;   // as programs see them
    Content durable; // as of the last sync
    std::vector<Alteration> unsynced;
    bool named = false; // the folder's entry is durable
    bool gone = false;  // whoever has it open had it before a power cut

    // Locks of the whole file.
    int shared = 0;
    const OpenFile* reserved = nullptr;
    const OpenFile* pending = nullptr;
    const OpenFile* exclusive = nullptr;
    // The log's shared memory and its locks.
    int mapped = 0;
    std::vector<std::unique_ptr<char[]>> regions;
    std::array<int, SQLITE_SHM_NLOCK> sharedSlots{};
    std::array<const OpenFile*, SQLITE_SHM_NLOCK> exclusiveSlots{};
};

enum class Answer { Fine, Stopped, Failed, Full };

struct Stop {
    std::string prefix;
    uint64_t operations = 0;
    bool stopped = false;
};

struct Fault {
    std::string prefix;
    DiskOperation kind;
    uint64_t operations = 0;
    bool forever = false;
    bool full = false;
    bool failed = false;
};

struct Disk {
    explicit Disk(uint64_t seed);
    ~Disk();

    bool owns(const char* path) const { return path != nullptr && isBelow(path, root); }
    bool chance(int percent) { return int(random() % 100) < percent; }
    bool isStopped(const std::string& path) const;
    // Counts the call and says what becomes of it.
    Answer ask(const std::string& path, DiskOperation kind);
    std::shared_ptr<File> find(const std::string& path) const;
    Content survivors(const File& file);
    // Whoever had the machine's files open has them no more.
    void restart(const std::string& prefix, bool powerCut);

    TemporaryDirectory directory;
    std::string root;
    std::mt19937_64 random;
    std::map<std::string, std::shared_ptr<File>> files;
    std::map<std::string, std::shared_ptr<File>> unnamed; // deleted, and the folder was not synced since
    std::map<std::string, std::array<uint64_t, operationKinds>> counts;
    std::vector<Stop> stops;
    std::vector<Fault> faults;
    std::set<std::string> syncedLess;
    sqlite3_vfs* system = nullptr;
    struct Vfs : sqlite3_vfs {
        Disk* disk = nullptr;
    } vfs;
};

// What SQLite holds of an open file.
struct OpenFile : sqlite3_file {
    struct State {
        Disk& disk;
        std::shared_ptr<File> file;
        int lock = SQLITE_LOCK_NONE;
        bool deleteOnClose = false;
        bool mapped = false;
        uint16_t sharedSlots = 0;
    };
    State* state = nullptr;
};

OpenFile& openFile(sqlite3_file* file)
{
    return *static_cast<OpenFile*>(file);
}

bool Disk::isStopped(const std::string& path) const
{
    return std::any_of(stops.begin(), stops.end(),
                       [&](const Stop& stop) { return stop.stopped && isBelow(path, stop.prefix); });
}

Answer Disk::ask(const std::string& path, DiskOperation kind)
{
    if (isStopped(path))
        return Answer::Stopped;
    if (kind != DiskOperation::Open && kind != DiskOperation::Read) {
        for (Stop& stop : stops) {
            if (!isBelow(path, stop.prefix))
                continue;
            if (stop.operations == 0) {
                stop.stopped = true;
                return Answer::Stopped;
            }
            --stop.operations;
        }
    }
    ++counts[path][size_t(kind)];
    Answer answer = Answer::Fine;
    for (Fault& fault : faults) {
        if (fault.kind != kind || !isBelow(path, fault.prefix))
            continue;
        if (fault.operations > 0) {
            --fault.operations;
        } else if (fault.forever || !fault.failed) {
            fault.failed = true;
            answer = fault.full ? Answer::Full : Answer::Failed;
        }
    }
    return answer;
}

std::shared_ptr<File> Disk::find(const std::string& path) const
{
    const auto found = files.find(path);
    return found == files.end() ? nullptr : found->second;
}

// Each sector of each write since the last sync is there or not. Within one cut a file loses little, half or
// nearly everything: the rare cases are at the ends.
Content Disk::survivors(const File& file)
{
    constexpr int chances[] = {0, 5, 50, 95, 100};
    const int percent = chances[random() % std::size(chances)];
    Content bytes = file.durable;
    const auto reach = [&](size_t size) {
        const size_t before = bytes.size();
        if (before >= size)
            return;
        std::string reached(size - before, '\0');
        if (chance(50)) {
            for (char& byte : reached)
                byte = char(random());
        }
        bytes.write(reached, before);
    };
    for (const Alteration& alteration : file.unsynced) {
        if (alteration.truncate) {
            if (chance(percent))
                perform(alteration, bytes);
            continue;
        }
        const size_t end = alteration.offset + alteration.bytes.size();
        for (size_t at = alteration.offset; at < end;) {
            const size_t next = std::min(end, (at / sectorBytes + 1) * sectorBytes);
            if (chance(percent)) {
                reach(next);
                bytes.write(std::string_view(alteration.bytes).substr(at - alteration.offset, next - at), at);
            }
            at = next;
        }
    }
    return bytes;
}

void Disk::restart(const std::string& prefix, bool powerCut)
{
    std::map<std::string, std::shared_ptr<File>> after;
    if (powerCut) {
        for (auto it = unnamed.begin(); it != unnamed.end();) {
            if (!isBelow(it->first, prefix)) {
                ++it;
                continue;
            }
            if (!files.contains(it->first) && chance(50))
                files[it->first] = it->second;
            it = unnamed.erase(it);
        }
    }
    for (auto& [path, file] : files) {
        if (!isBelow(path, prefix)) {
            after[path] = file;
            continue;
        }
        file->gone = true;
        if (powerCut && !file->named && chance(50))
            continue;
        auto kept = std::make_shared<File>();
        kept->path = path;
        if (powerCut) {
            kept->bytes = kept->durable = survivors(*file);
            kept->named = true;
        } else {
            kept->bytes = file->bytes;
            kept->durable = file->durable;
            kept->unsynced = file->unsynced;
            kept->named = file->named;
        }
        after[path] = kept;
    }
    files = std::move(after);
    std::erase_if(stops, [&](const Stop& stop) { return isBelow(stop.prefix, prefix); });
}

// ---- an open file, as SQLite calls it

int closeFile(sqlite3_file* opened);

bool isUnusable(const OpenFile& opened)
{
    return opened.state->file->gone || opened.state->disk.isStopped(opened.state->file->path);
}

int readFile(sqlite3_file* opened, void* to, int size, sqlite3_int64 offset)
{
    OpenFile::State& state = *openFile(opened).state;
    if (state.file->gone || state.disk.ask(state.file->path, DiskOperation::Read) != Answer::Fine)
        return SQLITE_IOERR_READ;
    const Content& bytes = state.file->bytes;
    const size_t there = size_t(offset) < bytes.size() ? std::min(size_t(size), bytes.size() - size_t(offset)) : 0;
    bytes.read(static_cast<char*>(to), size_t(offset), there);
    if (there == size_t(size))
        return SQLITE_OK;
    std::memset(static_cast<char*>(to) + there, 0, size_t(size) - there);
    return SQLITE_IOERR_SHORT_READ;
}

void alter(File& file, Alteration alteration)
{
    perform(alteration, file.bytes);
    file.unsynced.push_back(std::move(alteration));
}

int writeFile(sqlite3_file* opened, const void* from, int size, sqlite3_int64 offset)
{
    OpenFile::State& state = *openFile(opened).state;
    const Answer answer = state.file->gone ? Answer::Stopped : state.disk.ask(state.file->path, DiskOperation::Write);
    if (answer == Answer::Stopped)
        return SQLITE_IOERR_WRITE;
    // Of a write that fails any beginning may be there.
    const size_t written = answer == Answer::Fine ? size_t(size) : state.disk.random() % size_t(size + 1);
    if (written > 0)
        alter(*state.file, {.offset = size_t(offset), .bytes = std::string(static_cast<const char*>(from), written)});
    return answer == Answer::Fine ? SQLITE_OK : answer == Answer::Full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

int truncateFile(sqlite3_file* opened, sqlite3_int64 size)
{
    OpenFile::State& state = *openFile(opened).state;
    if (state.file->gone || state.disk.ask(state.file->path, DiskOperation::Truncate) != Answer::Fine)
        return SQLITE_IOERR_TRUNCATE;
    alter(*state.file, {.truncate = true, .offset = size_t(size)});
    return SQLITE_OK;
}

int syncFile(sqlite3_file* opened, int)
{
    OpenFile::State& state = *openFile(opened).state;
    const Answer answer = state.file->gone ? Answer::Stopped : state.disk.ask(state.file->path, DiskOperation::Sync);
    // As with Linux, which takes for clean what it could not write: a later sync does not try it again.
    if (answer == Answer::Failed)
        std::erase_if(state.file->unsynced, [&](const Alteration&) { return state.disk.chance(50); });
    if (answer != Answer::Fine)
        return SQLITE_IOERR_FSYNC;
    for (const Alteration& alteration : state.file->unsynced)
        perform(alteration, state.file->durable);
    state.file->unsynced.clear();
    // SQLite's own way to the system syncs the folder with a new journal or log.
    const std::string folder = folderOf(state.file->path);
    for (const auto& [path, file] : state.disk.files)
        if (folderOf(path) == folder)
            file->named = true;
    std::erase_if(state.disk.unnamed, [&](const auto& each) { return folderOf(each.first) == folder; });
    return SQLITE_OK;
}

int fileSize(sqlite3_file* opened, sqlite3_int64* size)
{
    if (isUnusable(openFile(opened)))
        return SQLITE_IOERR_FSTAT;
    *size = sqlite3_int64(openFile(opened).state->file->bytes.size());
    return SQLITE_OK;
}

int lockFile(sqlite3_file* opened, int wanted)
{
    OpenFile& self = openFile(opened);
    if (isUnusable(self))
        return SQLITE_IOERR_LOCK;
    File& file = *self.state->file;
    int& held = self.state->lock;
    if (held >= wanted)
        return SQLITE_OK;
    const auto isOthers = [&](const OpenFile* holder) { return holder != nullptr && holder != &self; };
    if (isOthers(file.exclusive) || isOthers(file.pending))
        return SQLITE_BUSY;
    if (wanted == SQLITE_LOCK_SHARED) {
        ++file.shared;
    } else if (wanted == SQLITE_LOCK_RESERVED) {
        if (isOthers(file.reserved))
            return SQLITE_BUSY;
        file.reserved = &self;
    } else {
        if (isOthers(file.reserved))
            return SQLITE_BUSY;
        file.pending = &self;
        held = SQLITE_LOCK_PENDING;
        if (file.shared > 1)
            return SQLITE_BUSY;
        file.exclusive = &self;
    }
    held = wanted;
    return SQLITE_OK;
}

int unlockFile(sqlite3_file* opened, int wanted)
{
    OpenFile& self = openFile(opened);
    File& file = *self.state->file;
    int& held = self.state->lock;
    if (held <= wanted)
        return SQLITE_OK;
    for (const OpenFile** holder : {&file.reserved, &file.pending, &file.exclusive})
        if (*holder == &self)
            *holder = nullptr;
    if (wanted == SQLITE_LOCK_NONE)
        --file.shared;
    held = wanted;
    return SQLITE_OK;
}

int checkReserved(sqlite3_file* opened, int* result)
{
    const File& file = *openFile(opened).state->file;
    *result = file.reserved != nullptr || file.pending != nullptr || file.exclusive != nullptr;
    return SQLITE_OK;
}

int controlFile(sqlite3_file* opened, int operation, void* argument)
{
    const OpenFile::State& state = *openFile(opened).state;
    if (operation != SQLITE_FCNTL_PRAGMA)
        return SQLITE_NOTFOUND;
    char** words = static_cast<char**>(argument); // the error, the name, the value
    const bool less = std::any_of(state.disk.syncedLess.begin(), state.disk.syncedLess.end(),
                                  [&](const std::string& prefix) { return isBelow(state.file->path, prefix); });
    if (less && words[2] != nullptr && strcasecmp(words[1], "synchronous") == 0 && strcasecmp(words[2], "full") == 0)
        std::strcpy(words[2], "1"); // NORMAL
    return SQLITE_NOTFOUND;         // that is: SQLite goes on with it
}

int sectorSize(sqlite3_file*)
{
    return int(sectorBytes);
}

// As SQLite takes every disk to be unless it is told otherwise.
int characteristics(sqlite3_file*)
{
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int mapShared(sqlite3_file* opened, int region, int size, int extend, void volatile** at)
{
    OpenFile& self = openFile(opened);
    *at = nullptr;
    if (isUnusable(self))
        return SQLITE_IOERR_SHMMAP;
    File& file = *self.state->file;
    if (!self.state->mapped) {
        self.state->mapped = true;
        ++file.mapped;
    }
    while (extend != 0 && file.regions.size() <= size_t(region))
        file.regions.push_back(std::make_unique<char[]>(size_t(size)));
    if (file.regions.size() > size_t(region))
        *at = file.regions[size_t(region)].get();
    return SQLITE_OK;
}

int lockShared(sqlite3_file* opened, int first, int count, int flags)
{
    OpenFile& self = openFile(opened);
    File& file = *self.state->file;
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    uint16_t& mine = self.state->sharedSlots;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        for (int slot = first; slot < first + count; ++slot) {
            if (exclusive && file.exclusiveSlots[size_t(slot)] == &self)
                file.exclusiveSlots[size_t(slot)] = nullptr;
            if (!exclusive && (mine & 1 << slot) != 0) {
                mine = uint16_t(mine & ~(1 << slot));
                --file.sharedSlots[size_t(slot)];
            }
        }
        return SQLITE_OK;
    }
    if (isUnusable(self))
        return SQLITE_IOERR_SHMLOCK;
    for (int slot = first; slot < first + count; ++slot) {
        const OpenFile* holder = file.exclusiveSlots[size_t(slot)];
        const int others = file.sharedSlots[size_t(slot)] - ((mine & 1 << slot) != 0 ? 1 : 0);
        if ((holder != nullptr && holder != &self) || (exclusive && others > 0))
            return SQLITE_BUSY;
    }
    for (int slot = first; slot < first + count; ++slot) {
        if (exclusive) {
            file.exclusiveSlots[size_t(slot)] = &self;
        } else if ((mine & 1 << slot) == 0) {
            mine = uint16_t(mine | 1 << slot);
            ++file.sharedSlots[size_t(slot)];
        }
    }
    return SQLITE_OK;
}

void barrier(sqlite3_file*) {}

int unmapShared(sqlite3_file* opened, int)
{
    OpenFile& self = openFile(opened);
    File& file = *self.state->file;
    if (!self.state->mapped)
        return SQLITE_OK;
    lockShared(opened, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED);
    lockShared(opened, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
    self.state->mapped = false;
    // The next who maps it finds it empty, as with the system's.
    if (--file.mapped == 0)
        file.regions.clear();
    return SQLITE_OK;
}

int closeFile(sqlite3_file* opened)
{
    OpenFile& self = openFile(opened);
    unmapShared(opened, 0);
    unlockFile(opened, SQLITE_LOCK_NONE);
    if (self.state->deleteOnClose)
        self.state->disk.files.erase(self.state->file->path);
    delete self.state;
    self.state = nullptr;
    return SQLITE_OK;
}

const sqlite3_io_methods methods{2,           closeFile,   readFile,        writeFile,  truncateFile,
                                 syncFile,    fileSize,    lockFile,        unlockFile, checkReserved,
                                 controlFile, sectorSize,  characteristics, mapShared,  lockShared,
                                 barrier,     unmapShared, nullptr,         nullptr};

// ---- the folder, as SQLite calls it

Disk& diskOf(sqlite3_vfs* vfs)
{
    return *static_cast<Disk::Vfs*>(vfs)->disk;
}

int openPath(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* opened, int flags, int* outFlags)
{
    Disk& disk = diskOf(vfs);
    if (!disk.owns(name))
        return disk.system->xOpen(disk.system, name, opened, flags, outFlags);
    opened->pMethods = nullptr;
    const std::string path = name;
    if (disk.ask(path, DiskOperation::Open) != Answer::Fine)
        return SQLITE_CANTOPEN;
    std::shared_ptr<File>& file = disk.files[path];
    if (!file) {
        if ((flags & SQLITE_OPEN_CREATE) == 0) {
            disk.files.erase(path);
            return SQLITE_CANTOPEN;
        }
        file = std::make_shared<File>();
        file->path = path;
        disk.unnamed.erase(path);
    } else if ((flags & SQLITE_OPEN_EXCLUSIVE) != 0) {
        return SQLITE_CANTOPEN;
    }
    OpenFile& self = openFile(opened);
    self.state = new OpenFile::State{.disk = disk, .file = file};
    self.state->deleteOnClose = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    opened->pMethods = &methods;
    if (outFlags != nullptr)
        *outFlags = flags;
    return SQLITE_OK;
}

int deletePath(sqlite3_vfs* vfs, const char* name, int syncFolder)
{
    Disk& disk = diskOf(vfs);
    if (!disk.owns(name))
        return disk.system->xDelete(disk.system, name, syncFolder);
    const std::string path = name;
    if (disk.ask(path, DiskOperation::Delete) != Answer::Fine)
        return SQLITE_IOERR_DELETE;
    const std::shared_ptr<File> file = disk.find(path);
    if (!file)
        return SQLITE_IOERR_DELETE_NOENT;
    disk.files.erase(path);
    if (file->named)
        disk.unnamed[path] = file;
    if (syncFolder != 0)
        std::erase_if(disk.unnamed, [&](const auto& each) { return folderOf(each.first) == folderOf(path); });
    return SQLITE_OK;
}

int accessPath(sqlite3_vfs* vfs, const char* name, int flags, int* result)
{
    Disk& disk = diskOf(vfs);
    if (!disk.owns(name))
        return disk.system->xAccess(disk.system, name, flags, result);
    if (disk.isStopped(name))
        return SQLITE_IOERR_ACCESS;
    // Of an empty file the system's says that it does not exist.
    const std::shared_ptr<File> file = disk.find(name);
    *result = file != nullptr && (flags != SQLITE_ACCESS_EXISTS || file->bytes.size() > 0);
    return SQLITE_OK;
}

int fullPath(sqlite3_vfs* vfs, const char* name, int size, char* full)
{
    Disk& disk = diskOf(vfs);
    if (!disk.owns(name))
        return disk.system->xFullPathname(disk.system, name, size, full);
    if (std::strlen(name) >= size_t(size))
        return SQLITE_CANTOPEN;
    std::strcpy(full, name);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int size, char* bytes)
{
    for (int i = 0; i < size; ++i)
        bytes[i] = char(diskOf(vfs).random());
    return size;
}

// Who would have to let go runs on this thread: waiting brings nothing.
int doNotSleep(sqlite3_vfs*, int microseconds)
{
    return microseconds;
}

Disk::Disk(uint64_t seed) : root(directory.path().string()), random(seed)
{
    sqlite3_initialize();
    system = sqlite3_vfs_find(nullptr);
    static_cast<sqlite3_vfs&>(vfs) = *system;
    vfs.disk = this;
    vfs.pNext = nullptr;
    vfs.zName = "simulated";
    vfs.szOsFile = std::max(system->szOsFile, int(sizeof(OpenFile)));
    vfs.xOpen = openPath;
    vfs.xDelete = deletePath;
    vfs.xAccess = accessPath;
    vfs.xFullPathname = fullPath;
    vfs.xRandomness = randomness;
    vfs.xSleep = doNotSleep;
    sqlite3_vfs_register(&vfs, 1);
    sqlite3_randomness(0, nullptr); // drawn anew, from here
}

Disk::~Disk()
{
    sqlite3_vfs_unregister(&vfs);
    sqlite3_vfs_register(system, 1);
    sqlite3_randomness(0, nullptr);
}

} // namespace

struct SimulatedDisk::Impl : Disk {
    using Disk::Disk;
};

SimulatedDisk::SimulatedDisk(uint64_t seed) : impl_(std::make_unique<Impl>(seed)) {}

SimulatedDisk::~SimulatedDisk() = default;

const std::string& SimulatedDisk::root() const
{
    return impl_->root;
}

uint64_t SimulatedDisk::calls(const std::string& prefix, DiskOperation kind) const
{
    uint64_t sum = 0;
    for (const auto& [path, counted] : impl_->counts)
        if (isBelow(path, prefix))
            sum += counted[size_t(kind)];
    return sum;
}

uint64_t SimulatedDisk::writes(const std::string& prefix) const
{
    return calls(prefix, DiskOperation::Write) + calls(prefix, DiskOperation::Truncate) +
           calls(prefix, DiskOperation::Sync) + calls(prefix, DiskOperation::Delete);
}

void SimulatedDisk::stopAfter(const std::string& prefix, uint64_t operations)
{
    impl_->stops.push_back({.prefix = prefix, .operations = operations});
}

bool SimulatedDisk::isStopped(const std::string& prefix) const
{
    return impl_->isStopped(prefix);
}

void SimulatedDisk::powerCut(const std::string& prefix)
{
    impl_->restart(prefix, true);
}

void SimulatedDisk::processKilled(const std::string& prefix)
{
    impl_->restart(prefix, false);
}

void SimulatedDisk::failAfter(const std::string& prefix, DiskOperation kind, uint64_t operations, bool forever,
                              bool full)
{
    impl_->faults.push_back(
        {.prefix = prefix, .kind = kind, .operations = operations, .forever = forever, .full = full});
}

bool SimulatedDisk::hasFailed(const std::string& prefix) const
{
    return std::any_of(impl_->faults.begin(), impl_->faults.end(),
                       [&](const Fault& fault) { return fault.failed && fault.prefix == prefix; });
}

void SimulatedDisk::heal(const std::string& prefix)
{
    std::erase_if(impl_->faults, [&](const Fault& fault) { return isBelow(fault.prefix, prefix); });
    std::erase_if(impl_->stops, [&](const Stop& stop) { return !stop.stopped && isBelow(stop.prefix, prefix); });
}

void SimulatedDisk::syncLess(const std::string& prefix)
{
    impl_->syncedLess.insert(prefix);
}

void SimulatedDisk::copy(const std::string& from, const std::string& to)
{
    std::map<std::string, std::shared_ptr<File>> copied;
    for (const auto& [path, file] : impl_->files) {
        if (!isBelow(path, from))
            continue;
        auto made = std::make_shared<File>();
        made->path = to + path.substr(from.size());
        made->bytes = made->durable = file->bytes;
        made->named = true;
        copied[made->path] = made;
    }
    for (auto& [path, file] : copied)
        impl_->files[path] = file;
}

bool SimulatedDisk::holds(const std::string& prefix, const std::string& bytes) const
{
    return std::any_of(impl_->files.begin(), impl_->files.end(), [&](const auto& each) {
        const auto& [path, file] = each;
        if (!isBelow(path, prefix))
            return false;
        std::string all(file->bytes.size(), '\0');
        file->bytes.read(all.data(), 0, all.size());
        return all.find(bytes) != std::string::npos;
    });
}

void SimulatedDisk::remove(const std::string& prefix)
{
    for (auto& [path, file] : impl_->files)
        file->gone |= isBelow(path, prefix);
    std::erase_if(impl_->files, [&](const auto& each) { return isBelow(each.first, prefix); });
    std::erase_if(impl_->unnamed, [&](const auto& each) { return isBelow(each.first, prefix); });
}

} // namespace stoa::test
