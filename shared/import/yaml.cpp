#include "shared/import/yaml.h"

#include <sstream>
#include <stdexcept>

#include <yaml-cpp/eventhandler.h>

#include "shared/base/text.h"

namespace stoa {

namespace {

constexpr int depthMax = 32;

// Sees the text before anything is built from it.
class Guard : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override
    {
        throw std::runtime_error("it uses aliases (\"*name\"), which are not read");
    }
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override
    {
        enter();
    }
    void OnSequenceEnd() override { --depth_; }
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override
    {
        enter();
    }
    void OnMapEnd() override { --depth_; }

private:
    void enter()
    {
        if (++depth_ > depthMax)
            throw std::runtime_error("it is nested too deeply");
    }

    int depth_ = 0;
};

} // namespace

Yaml parseYaml(const std::string& text)
{
    try {
        std::istringstream in(text);
        YAML::Parser parser(in);
        Guard guard;
        parser.HandleNextDocument(guard);
        return {{}, YAML::Load(text)};
    } catch (const YAML::Exception& error) {
        return {"line " + std::to_string(error.mark.line + 1) + ": " + toCleanUtf8(error.msg), {}};
    } catch (const std::runtime_error& error) {
        return {error.what(), {}};
    }
}

std::string yamlText(const YAML::Node& map, const char* key)
{
    if (!map.IsMap())
        return {};
    const YAML::Node value = map[key];
    return value && value.IsScalar() ? toCleanUtf8(value.Scalar()) : std::string();
}

std::vector<std::string> yamlTexts(const YAML::Node& map, const char* key)
{
    std::vector<std::string> texts;
    const YAML::Node value = map.IsMap() ? map[key] : YAML::Node(YAML::NodeType::Undefined);
    if (value && value.IsSequence()) {
        for (const YAML::Node& item : value) {
            if (item.IsScalar())
                texts.push_back(toCleanUtf8(item.Scalar()));
        }
        return texts;
    }
    std::istringstream list(yamlText(map, key));
    for (std::string item; std::getline(list, item, ',');) {
        if (!trim(item).empty())
            texts.emplace_back(trim(item));
    }
    return texts;
}

int64_t yamlLine(const YAML::Node& node)
{
    return node.Mark().line + 1;
}

} // namespace stoa
