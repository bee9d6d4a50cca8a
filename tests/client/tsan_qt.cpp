// For ThreadSanitizer, which does not see the locks of a Qt that was built without it: that a call which was queued for
// another thread happens after what was done before it was queued, and that who waited for a call, or for a thread,
// goes on after it. Linked into the test programs with threads of Qt; stands before Qt's own functions.

#include <dlfcn.h>

#include <sanitizer/tsan_interface.h>

#include <QDeadlineTimer>
#include <QObject>

class QThread;

namespace {

int ended = 0; // its address stands for the end of any call

class Seen : public QtPrivate::QSlotObjectBase {
public:
    explicit Seen(QtPrivate::QSlotObjectBase* call) : QSlotObjectBase(&act), call_(call) { __tsan_release(this); }

private:
    static void act(int which, QSlotObjectBase* base, QObject* receiver, void** arguments, bool*)
    {
        auto* seen = static_cast<Seen*>(base);
        if (which == Call) {
            __tsan_acquire(seen);
            seen->call_->call(receiver, arguments);
            __tsan_release(seen); // who queued it may be the one who deletes it
            __tsan_release(&ended);
        } else if (which == Destroy) {
            __tsan_acquire(seen);
            seen->call_->destroyIfLastRef();
            __tsan_release(&ended);
            delete seen;
        }
    }

    QtPrivate::QSlotObjectBase* call_;
};

template <class F>
F* real(const char* name)
{
    return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

#define STOA_INVOKE "_ZN11QMetaObject16invokeMethodImplEP7QObjectPN9QtPrivate15QSlotObjectBaseEN2Qt14ConnectionTypeEPv"
#define STOA_WAIT "_ZN7QThread4waitE14QDeadlineTimer"

} // namespace

// What libraries that were built without ThreadSanitizer do among themselves.
extern "C" const char* __tsan_default_suppressions()
{
    return "called_from_lib:libQt6Core.so\ncalled_from_lib:libQt6Network.so\ncalled_from_lib:libproxy.so\n"
           "called_from_lib:libglib-2.0.so\ncalled_from_lib:libgobject-2.0.so\ncalled_from_lib:libgio-2.0.so\n";
}

bool seenInvoke(QObject* object, QtPrivate::QSlotObjectBase* call, Qt::ConnectionType type,
                void* result) __asm__(STOA_INVOKE);

bool seenInvoke(QObject* object, QtPrivate::QSlotObjectBase* call, Qt::ConnectionType type, void* result)
{
    static auto* const qts = real<bool(QObject*, QtPrivate::QSlotObjectBase*, Qt::ConnectionType, void*)>(STOA_INVOKE);
    const bool done = qts(object, new Seen(call), type, result);
    if (type == Qt::BlockingQueuedConnection)
        __tsan_acquire(&ended);
    return done;
}

bool seenWait(QThread* thread, QDeadlineTimer until) __asm__(STOA_WAIT);

bool seenWait(QThread* thread, QDeadlineTimer until)
{
    static auto* const qts = real<bool(QThread*, QDeadlineTimer)>(STOA_WAIT);
    const bool done = qts(thread, until);
    __tsan_acquire(&ended);
    return done;
}
