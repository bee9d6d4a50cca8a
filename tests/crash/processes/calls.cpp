// Loaded before all other libraries (LD_PRELOAD), in the place of those calls of the system that alter files or send.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "tests/crash/processes/calls.h"

using stoa::test::Call;
using stoa::test::CallOrder;
using stoa::test::Strike;

namespace {

CallOrder* mapOrder()
{
    const char* path = std::getenv(stoa::test::callOrderVariable);
    if (path == nullptr)
        return nullptr;
    // Past the function below, which would ask for the order.
    const int file = int(::syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC));
    if (file < 0)
        return nullptr;
    void* memory = ::mmap(nullptr, sizeof(CallOrder), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    return memory == MAP_FAILED ? nullptr : static_cast<CallOrder*>(memory);
}

CallOrder* order()
{
    static CallOrder* const mapped = mapOrder();
    return mapped;
}

// Null while nothing is ordered, so that most calls cost nothing.
CallOrder* standingOrder()
{
    CallOrder* const mapped = order();
    return mapped != nullptr && mapped->call.load(std::memory_order_acquire) != Call::None ? mapped : nullptr;
}

bool isNamed(const CallOrder& order, std::string_view path)
{
    return path.find(order.within) != std::string_view::npos && path.ends_with(order.ending);
}

bool isNamed(const CallOrder& order, int file)
{
    char link[32], path[PATH_MAX];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t size = ::readlink(link, path, sizeof path);
    return size > 0 && isNamed(order, std::string_view(path, size_t(size)));
}

[[noreturn]] void die()
{
    ::kill(::getpid(), SIGKILL);
    for (;;)
        ::pause();
}

// One call: asked before the system is, and told afterwards.
class Met {
public:
    Met(CallOrder* order, bool fits) : order_(order)
    {
        if (!fits)
            return;
        ++order_->seen;
        const int64_t left = order_->left.fetch_sub(1);
        struck_ = left == 0 || (left < 0 && order_->forever && order_->strike == Strike::Fail);
        if (!struck_)
            return;
        ++order_->struck;
        if (order_->strike == Strike::DieBefore)
            die();
    }
    bool fails() const { return struck_ && order_->strike == Strike::Fail; }
    bool lies() const { return struck_ && order_->strike == Strike::Lie; }
    template <class T>
    T done(T result)
    {
        if (struck_ && order_->strike == Strike::DieAfter)
            die();
        return result;
    }

private:
    CallOrder* order_;
    bool struck_ = false;
};

bool isWanted(const CallOrder& order, Call call)
{
    const Call wanted = order.call.load();
    return wanted == call || (wanted == Call::Change && call != Call::Send);
}

template <class Real>
auto strike(CallOrder* order, bool fits, size_t size, Real real) -> decltype(real())
{
    if (order == nullptr)
        return real();
    Met met(order, fits);
    if (met.lies() && size > 0)
        return decltype(real())(size);
    if (met.fails()) {
        errno = order->error;
        return -1;
    }
    return met.done(real());
}

// Into a file or a socket, which `write` does not tell.
template <class Real>
auto sent(int to, size_t size, Real real) -> decltype(real())
{
    CallOrder* const standing = standingOrder();
    if (standing == nullptr)
        return real();
    const int before = errno;
    struct stat kind {};
    bool fits = false;
    if (::fstat(to, &kind) == 0 && S_ISSOCK(kind.st_mode))
        fits = isWanted(*standing, Call::Send) && standing->synced > 0;
    else if (S_ISREG(kind.st_mode))
        fits = isWanted(*standing, Call::Write) && isNamed(*standing, to);
    errno = before;
    return strike(standing, fits, size, real);
}

template <class Real>
auto changed(Call call, int file, Real real) -> decltype(real())
{
    CallOrder* const standing = standingOrder();
    return strike(standing, standing != nullptr && isWanted(*standing, call) && isNamed(*standing, file), 0, real);
}

template <class Real>
auto named(Call call, const char* path, Real real) -> decltype(real())
{
    CallOrder* const standing = standingOrder();
    return strike(standing, standing != nullptr && isWanted(*standing, call) && isNamed(*standing, path), 0, real);
}

template <class Real>
int synced(int file, Real real)
{
    CallOrder* const standing = standingOrder();
    const int done = changed(Call::Sync, file, real);
    if (standing != nullptr && standing->call.load() == Call::Send && isNamed(*standing, file))
        ++standing->synced;
    return done;
}

template <class Function>
Function* next(const char* name)
{
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

} // namespace

#define STOA_NEXT(name) static auto* const real = next<decltype(::name)>(#name)

extern "C" {

ssize_t write(int to, const void* bytes, size_t size)
{
    STOA_NEXT(write);
    return sent(to, size, [&] { return real(to, bytes, size); });
}

ssize_t writev(int to, const iovec* parts, int count)
{
    STOA_NEXT(writev);
    return sent(to, 0, [&] { return real(to, parts, count); });
}

ssize_t pwrite(int to, const void* bytes, size_t size, off_t at)
{
    STOA_NEXT(pwrite);
    return sent(to, size, [&] { return real(to, bytes, size, at); });
}

ssize_t pwrite64(int to, const void* bytes, size_t size, off64_t at)
{
    STOA_NEXT(pwrite64);
    return sent(to, size, [&] { return real(to, bytes, size, at); });
}

ssize_t send(int to, const void* bytes, size_t size, int flags)
{
    STOA_NEXT(send);
    return sent(to, size, [&] { return real(to, bytes, size, flags); });
}

ssize_t sendmsg(int to, const msghdr* message, int flags)
{
    STOA_NEXT(sendmsg);
    return sent(to, 0, [&] { return real(to, message, flags); });
}

int fsync(int file)
{
    STOA_NEXT(fsync);
    return synced(file, [&] { return real(file); });
}

int fdatasync(int file)
{
    STOA_NEXT(fdatasync);
    return synced(file, [&] { return real(file); });
}

int ftruncate(int file, off_t size) noexcept
{
    STOA_NEXT(ftruncate);
    return changed(Call::Change, file, [&] { return real(file, size); });
}

int ftruncate64(int file, off64_t size) noexcept
{
    STOA_NEXT(ftruncate64);
    return changed(Call::Change, file, [&] { return real(file, size); });
}

int rename(const char* from, const char* to) noexcept
{
    STOA_NEXT(rename);
    return named(Call::Name, to, [&] { return real(from, to); });
}

int unlink(const char* path) noexcept
{
    STOA_NEXT(unlink);
    return named(Call::Name, path, [&] { return real(path); });
}

int remove(const char* path) noexcept
{
    STOA_NEXT(remove);
    return named(Call::Name, path, [&] { return real(path); });
}

int open(const char* path, int flags, ...)
{
    STOA_NEXT(open);
    va_list more;
    va_start(more, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    const auto opening = [&] { return real(path, flags, mode); };
    return (flags & O_ACCMODE) == O_RDONLY ? opening() : named(Call::Open, path, opening);
}

int open64(const char* path, int flags, ...)
{
    STOA_NEXT(open64);
    va_list more;
    va_start(more, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    const auto opening = [&] { return real(path, flags, mode); };
    return (flags & O_ACCMODE) == O_RDONLY ? opening() : named(Call::Open, path, opening);
}

} // extern "C"
