#pragma once

// Who may read and do what, said once more in plain words instead of the product's table.

#include <map>
#include <set>
#include <vector>

#include "server/store/store.h"

namespace stoa::test {

// Which feeds each person may read.
using Rights = std::map<Id, std::set<Feed>>;
Rights rightsIn(const Snapshot& snapshot);

bool mayDo(const v1::Change& change, const Id& who, const Reader& reader);
// Whether somebody may do more or less by it.
bool altersRights(const v1::Change& change);

// Judges the changes of one commit in their order, each by the rights that the ones before it left. `before` and
// `after` are the states around the commit, and must outlive this. Where several alter one person or space nothing
// is known of the state in between, and of what follows nothing is said.
class Judge : public Reader {
public:
    Judge(const Reader& before, const Reader& after, const std::vector<const v1::Change*>& accepted);

    bool mayHave(const v1::Change& change, const Id& person) const;
    // It was accepted, and had an effect.
    void done(const v1::Change& change);

    std::optional<Located> find(const Id& id) const override;
    bool loginExists(std::string_view login) const override { return before_.loginExists(login); }

private:
    const Reader& before_;
    const Reader& after_;
    bool alone_;
    bool known_ = true;
    std::map<Id, int> alterations_;
    std::map<Id, Located> now_;
};

} // namespace stoa::test
