#pragma once

// A damaged replica, and the files that lie beside it while it is replaced:
//
//   NAME.building           the new file, while what the person had not sent is carried over into it
//   NAME.rescued            the same, finished; NAME.rescued-in-part where not everything could be read
//   NAME.damaged            the damaged file, once all of it that counts was carried over
//   NAME.damaged-1, -2 ...  the damaged file where not everything could be read: nothing deletes it but sign-out
//   NAME.damaged-mark       whoever met the damage asks for a rescue at the next start
//
// NAME stays as it is until NAME.rescued lies there; from then on only renaming is left. So a program that
// ends in between, at whatever point, or a disk that is full, loses nothing: the next start goes on.

#include <string>

namespace stoa {

// Before NAME is opened: goes on with a rescue that was interrupted, and throws Database::Damaged where the
// file was cut, which SQLite would notice only on coming to a page that is missing.
void prepareFile(const std::string& path);

// Puts the new file that a rescue has finished in the damaged one's place; false where there is none.
bool finishRescue(const std::string& path);

// Every file of this replica.
void removeReplica(const std::string& path);

} // namespace stoa
