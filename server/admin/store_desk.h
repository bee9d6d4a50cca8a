#pragma once

// The desk over the real storage. How changes get to the writer is handed in: through the running
// server, or straight to the engine where the command holds the data itself.

#include "server/admin/data_folder.h"
#include "server/admin/desk.h"
#include "server/auth/auth.h"
#include "server/engine/engine.h"

namespace stoa {

struct WriterDoors {
    std::function<v1::Receipts(Submission)> submit;
    std::function<v1::Receipts(Submission)> submitInBackground;
    std::function<bool(const Id&)> revokeDevice; // false: not now
    std::function<bool(const Id&)> erasePerson;  // the same
    // Runs the task where the store may be written, and waits for it; false: not now.
    std::function<bool(const std::function<void()>&)> run;
};

// Straight to the engine, for one thread.
WriterDoors directDoors(Engine& engine);

std::unique_ptr<Desk> makeStoreDesk(const DataFolder& folder, Store& store, const Engine& engine, WriterDoors doors,
                                    AuthContext auth);

} // namespace stoa
