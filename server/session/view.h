#pragma once

#include "server/store/store.h"

namespace stoa {

// The view rests again when what needed it is done.
struct View {
    explicit View(Snapshot& of) : snapshot(of) { snapshot.refresh(); }
    ~View() { snapshot.rest(); }
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    Snapshot& snapshot;
};

} // namespace stoa
