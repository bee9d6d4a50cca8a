#pragma once

// Every limit of the protocol and of what people write, in one place. Each is checked before the cost
// that it bounds. Limits of the server's sessions and queues are in server/net/limits.h.

#include <cstddef>
#include <cstdint>

namespace stoa::limits {

constexpr size_t kKiB = 1024;
constexpr size_t kMiB = 1024 * kKiB;

constexpr uint32_t protocolMin = 1;
constexpr uint32_t protocolMax = 1;

constexpr size_t frameBytesMaxBeforeSignIn = 16 * kKiB;
constexpr size_t frameBytesMax = 4 * kMiB; // also the plain size of a compressed frame
constexpr size_t recordBytesMax = 3 * kMiB;
constexpr size_t bodyBytesMax = 2 * kMiB;
constexpr size_t titleBytesMax = 500;
constexpr size_t textBytesMax = 64 * kKiB; // any other text
constexpr size_t tagBytesMax = 64;
constexpr size_t tagsMax = 16;
constexpr size_t loginBytesMax = 100;
constexpr size_t passwordBytesMin = 8;
constexpr size_t passwordBytesMax = 128;
constexpr size_t lostValuesMax = 16;
constexpr size_t pathDepthMax = 32;

constexpr size_t textChangeBytesMax = bodyBytesMax + kMiB; // of its encoding
constexpr int contestedMax = 256;                          // ranges of one body
constexpr size_t notedChangesMax = 64;                     // that a record with a body names
constexpr size_t textStepsMax = 256 * kKiB;                // each takes some bytes once it is decoded

constexpr size_t batchBytes = 256 * kKiB; // a batch is closed once it holds this much
constexpr size_t pushChangesMax = 500;
constexpr size_t pushBytesMax = 512 * kKiB; // or one change
constexpr size_t pushesUnderWayMax = 8;     // of one session, until their receipts have gone out
constexpr size_t bulkBelowBytes = kMiB;     // bulk is sent while less than this waits for the peer
constexpr size_t feedsPerPersonMax = 4096;
constexpr int witnessesMax = 16; // of one subscription
constexpr int awaitedMax = 64;   // changes of one subscription

constexpr size_t openTextsMax = 16;             // posts whose revisions one session is sent as they come
constexpr size_t revisionPageMax = 256;         // revisions of one page of a history
constexpr size_t historyBytesMax = 8 * kMiB;    // of one body's history on a device: of a longer one the newest part
constexpr size_t historiesBytesMax = 64 * kMiB; // of all: those looked at longest ago go
constexpr size_t presentMax = 64;               // of those who have one post open, how many are told of each other

constexpr size_t openProposalsMax = 64;            // of one page
constexpr size_t openProposalsOfOneMax = 4;        // of those, by one author
constexpr size_t judgesMax = 256;                  // of one proposal, who are looked at
constexpr int reviewersMax = 16;                   // named by a page or a space
constexpr int64_t dateMsMax = 253'402'300'799'999; // the end of the year 9999

constexpr int64_t heartbeatMs = 20'000;
constexpr int64_t silenceMs = 60'000; // a peer that says nothing for this long is gone

constexpr int epochShift = 40; // numbers of epoch e start at e << 40

constexpr size_t blackBoxNotesMax = 256;   // of a client
constexpr size_t sessionNotesMax = 32;     // of each of a server's conversations
constexpr size_t sessionReportsMax = 2;    // of a conversation whose copies differ
constexpr size_t blackBoxFilesMax = 8;     // on a device
constexpr size_t serverBlackBoxesMax = 32; // on a server

constexpr size_t queryBytesMax = 256;
constexpr size_t queryTermsMax = 16;

} // namespace stoa::limits
