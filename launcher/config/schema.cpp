// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/config/schema.hpp"

#include "launcher/config/keys.hpp"

namespace millrace::launcher {

namespace {

// The tables hold plain ASCII without quotes or backslashes, so a quoted text is a JSON string.
std::string quoted(std::string_view text) {
    return '"' + std::string(text) + '"';
}

std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
    return out;
}

// "additionalProperties": false for our own keys; for a node, whatever a property may be.
std::string object_of(const Keys& keys, const std::string& others);

std::string map_of(const std::string& pattern, const std::string& value) {
    return R"("type": "object", "minProperties": 1, "propertyNames": {"pattern": )" + quoted(pattern) +
           R"(}, "additionalProperties": {)" + value + "}";
}

std::string run_schema() {
    std::vector<std::string> values;
    for (const std::string& value : run_values()) values.push_back(quoted(value));
    return R"("enum": [)" + joined(values) + "]";
}

std::string shape_schema(Shape shape) {
    switch (shape) {
        case Shape::text:
            return R"("type": "string")";
        case Shape::texts:
            return R"("oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}])";
        case Shape::address:
            return R"("type": "string", "pattern": "^(.*:[0-9]{1,5}|.*\\$\\{.*)$")";
        case Shape::run:
            return run_schema();
        case Shape::tls:
            return object_of(tls_keys(), "false");
        case Shape::listen:
            return object_of(listen_keys(), "false");
        case Shape::streams:
            return map_of("^[A-Za-z0-9_.~/*-]+$", object_of(stream_keys(), "false"));
        case Shape::nodes:
            return map_of("^[A-Za-z0-9_][A-Za-z0-9_-]*$",
                          object_of(node_keys(), R"({"type": ["string", "number", "boolean", "array"]})") +
                              R"(, "oneOf": [{"required": ["element"]}, {"required": ["launch"]}])");
    }
    return "";
}

std::string object_of(const Keys& keys, const std::string& others) {
    std::vector<std::string> properties;
    std::vector<std::string> required;
    for (const Key& key : keys) {
        properties.push_back("\n" + quoted(key.name) + R"(: {"description": )" + quoted(key.blurb) + ", " +
                             shape_schema(key.shape) + "}");
        if (key.required) required.push_back(quoted(key.name));
    }
    std::string out = R"("type": "object", "properties": {)" + joined(properties) + "}";
    if (!required.empty()) out += R"(, "required": [)" + joined(required) + "]";
    return out + R"(, "additionalProperties": )" + others;
}

}  // namespace

std::string json_schema() {
    return R"({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Millrace pipeline file", )" +
           object_of(file_keys(), "false") + "}\n";
}

}  // namespace millrace::launcher
