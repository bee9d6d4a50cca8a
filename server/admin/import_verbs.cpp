#include "server/admin/import_verbs.h"

#include <optional>
#include <vector>

#include "shared/base/limits.h"
#include "shared/import/import.h"

namespace stoa {

namespace {

constexpr size_t batchChanges = 500;
constexpr size_t batchBytes = 2 * limits::kMiB;
constexpr size_t refusalsShownMax = 20;

// Gathers changes, submits them batch by batch, and counts what became of them.
class Submitter {
public:
    Submitter(const VerbContext& context, bool dryRun) : context_(context), dryRun_(dryRun) {}

    void add(v1::Change change)
    {
        ++changes_;
        if (dryRun_)
            return;
        bytes_ += change.ByteSizeLong();
        batch_.push_back(std::move(change));
        if (batch_.size() >= batchChanges || bytes_ >= batchBytes)
            flush();
    }

    void flush()
    {
        if (batch_.empty())
            return;
        const auto outcomes = context_.desk.submitImport(batch_);
        for (size_t i = 0; i < outcomes.size(); ++i) {
            if (outcomes[i]) {
                ++accepted_;
                continue;
            }
            ++refused_;
            if (refusals_.size() < refusalsShownMax)
                refusals_.push_back(
                    (batch_[i].has_origin() ? batch_[i].origin().source().key() + ": " : std::string()) +
                    refusalSentence(outcomes[i].error()));
        }
        batch_.clear();
        bytes_ = 0;
        context_.progress(std::to_string(accepted_) + " changes made");
    }

    // What is stored already stays, whatever ends the import.
    std::string soFar() const
    {
        return accepted_ == 0
                 ? std::string("Nothing was imported.")
                 : std::to_string(accepted_) + " changes were made before; the same command goes on from there.";
    }

    size_t changes() const { return changes_; }
    size_t accepted() const { return accepted_; }
    size_t refused() const { return refused_; }
    const std::vector<std::string>& refusals() const { return refusals_; }

private:
    const VerbContext& context_;
    bool dryRun_;
    std::vector<v1::Change> batch_;
    size_t bytes_ = 0;
    size_t changes_ = 0;
    size_t accepted_ = 0;
    size_t refused_ = 0;
    std::vector<std::string> refusals_;
};

using Importer = Report (*)(const std::filesystem::path&, const ImportTarget&, const FindRecord&, const EmitChange&);

bool isDryRun(const Json& arguments)
{
    return arguments.value("dry_run", Json(false)) == Json(true);
}

Json runImport(Importer import, const Id& space, const std::string& spaceName, const Json& arguments,
               const VerbContext& context)
{
    const bool dryRun = isDryRun(arguments);
    Submitter submitter(context, dryRun);
    const ImportTarget target{.space = space,
                              .nowMs = context.clock(),
                              .findLogin = [&](const std::string& login) { return context.desk.personByLogin(login); },
                              .goOn = context.goOn};
    // The importer looks at records that it made itself a moment ago only by their ids; what still waits
    // in a batch is new to it as well.
    const auto find = [&](const Id& id) -> std::optional<v1::Record> {
        const auto located = context.desk.find(id);
        return located ? std::optional<v1::Record>(*located->record) : std::nullopt;
    };
    Report report;
    try {
        report = import(textOf(arguments, "directory"), target, find,
                        [&](v1::Change change) { submitter.add(std::move(change)); });
        submitter.flush();
    } catch (const std::exception& error) {
        throw std::runtime_error(std::string(error.what()) + " " + submitter.soFar());
    }

    std::string message = reportText(report);
    const bool whole = report.ok() && submitter.refused() == 0;
    for (const std::string& refusal : submitter.refusals())
        message += "\nRefused: " + refusal;
    if (!report.ok()) {
        message += "\n" + submitter.soFar();
    } else if (dryRun) {
        message += "\nNothing was changed: this was a dry run. " + std::to_string(submitter.changes()) +
                   " changes would be made in \"" + spaceName + "\".";
    } else {
        message += "\n" + std::to_string(submitter.accepted()) + " changes were made in \"" + spaceName + "\"" +
                   (submitter.refused() > 0 ? ", " + std::to_string(submitter.refused()) + " were refused." : ".");
    }
    Json answer = {{"ok", whole}, {"message", message}, {"exit", whole ? ExitFine : ExitRefused}};
    answer["report"] = Json::parse(reportJson(report), nullptr, false);
    answer["dry_run"] = dryRun;
    answer["space"] = space.hex();
    answer["changes"] = submitter.changes();
    answer["accepted"] = submitter.accepted();
    answer["refused"] = submitter.refused();
    answer["refusals"] = submitter.refusals();
    return answer;
}

Json importInto(Importer import, const Json& arguments, const VerbContext& context)
{
    const Desk::Record space = findSpace(textOf(arguments, "space"), context);
    return runImport(import, *Id::from(space->id()), space->space().name(), arguments, context);
}

} // namespace

Json importMarkdown(const Json& arguments, const VerbContext& context)
{
    return importInto(importMarkdownFolder, arguments, context);
}

Json importStackExchange(const Json& arguments, const VerbContext& context)
{
    return importInto(stoa::importStackExchange, arguments, context);
}

Json importSpace(const Json& arguments, const VerbContext& context)
{
    const Id fresh = newId(context.clock(), context.random);
    SpaceFolder folder = readSpaceFolder(textOf(arguments, "directory"), fresh, context.clock());
    if (!folder.refusal.empty())
        return refused(folder.refusal);
    const std::string name = textOf(arguments, "space").empty() ? folder.name : textOf(arguments, "space");
    for (const Desk::Record& space : context.desk.spaces()) {
        if (space->space().name() == name)
            return runImport(importSpaceFolder, *Id::from(space->id()), name, arguments, context);
    }
    folder.create.mutable_create_space()->set_name(name);
    if (!isDryRun(arguments)) {
        if (const auto made = context.desk.submit(folder.create); !made)
            return refused("The space \"" + name + "\" cannot be made. " + refusalSentence(made.error()));
    }
    return runImport(importSpaceFolder, fresh, name, arguments, context);
}

} // namespace stoa
