#pragma once

// YAML of others, within bounds: no aliases (a few bytes of them can stand for gigabytes), no deep nesting.
// Used within this folder only.

#include <string>
#include <vector>

#include <yaml-cpp/yaml.h>

namespace stoa {

struct Yaml {
    std::string refusal; // half a sentence
    YAML::Node node;
};

Yaml parseYaml(const std::string& text);

// A scalar's text, else empty; of a map's key.
std::string yamlText(const YAML::Node& map, const char* key);
// A list's scalars, or those of "a, b, c".
std::vector<std::string> yamlTexts(const YAML::Node& map, const char* key);
// The line of a node, from 1.
int64_t yamlLine(const YAML::Node& node);

} // namespace stoa
