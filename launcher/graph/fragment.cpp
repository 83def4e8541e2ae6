// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/graph/fragment.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include "launcher/graph/registry.hpp"

namespace millrace::launcher {

namespace {

bool is_link(const std::string& word) {
    return word == "!" || word == ":";
}

bool is_factory(const std::string& word) {
    return !word.empty() && gst::adopt(gst_element_factory_find(word.c_str()));
}

// "t." or "t.src_0": a pad of an element that is named elsewhere.
std::string referred_element(const std::string& word) {
    auto dot = word.find('.');
    if (dot == std::string::npos || dot == 0 || word.find_first_of("=/(\"'") != std::string::npos) return "";
    return word.substr(0, dot);
}

// The name among the properties that follow the element at `index`, or "".
std::string given_name(const std::vector<std::string>& words, std::size_t index) {
    for (std::size_t i = index + 1; i < words.size(); ++i) {
        if (is_link(words[i]) || words[i].find('=') == std::string::npos) break;
        if (words[i].rfind("name=", 0) == 0) {
            std::string name = words[i].substr(5);
            name.erase(std::remove(name.begin(), name.end(), '"'), name.end());
            return name;
        }
    }
    return "";
}

// The text between the first pair of quotes: GStreamer's parser names the culprit so.
std::string first_quoted(const std::string& message) {
    auto start = message.find('"');
    auto end = message.find('"', start + 1);
    return end == std::string::npos ? "" : message.substr(start + 1, end - start - 1);
}

// "… ! video/x-raw,width=640" at the end: a filter with nothing behind it.
bool ends_in_caps(const std::vector<std::string>& words) {
    return words.size() > 1 && is_link(words[words.size() - 2]) && words.back().find('/') < words.back().find('=');
}

std::string explain(const GError& error) {
    if (error.domain == GST_PARSE_ERROR && error.code == GST_PARSE_ERROR_NO_SUCH_ELEMENT) {
        return no_such_element(first_quoted(error.message));
    }
    if (error.domain == GST_PARSE_ERROR && error.code == GST_PARSE_ERROR_NO_SUCH_PROPERTY) {
        std::string message = error.message;  // no property "x" in element "y"
        std::string property = first_quoted(message);
        std::string factory = first_quoted(message.substr(message.rfind(" \"") + 1));
        auto element = make_element(factory);
        if (element) return no_such_property(G_OBJECT_GET_CLASS(element->get()), factory, property);
    }
    return error.message;
}

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    char quote = '\0';
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '\\' && i + 1 < text.size()) {
            word += c;
            word += text[++i];
            continue;
        }
        if (quote) {
            if (c == quote) quote = '\0';
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (std::strchr(" \t\n\r", c)) {
            if (!word.empty()) words.push_back(std::move(word));
            word.clear();
            continue;
        }
        word += c;
    }
    if (!word.empty()) words.push_back(std::move(word));
    return words;
}

Fragment::Fragment(const std::string& node, std::string_view text) {
    const auto words = split_words(text);
    std::map<std::string, int> count;
    std::string last;        // the element or reference that a link would come from
    bool link_open = false;  // a link waits for what it goes to
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        words_.push_back({word, ""});
        if (is_link(word)) {
            linked_from_.insert(last);
            link_open = true;
            continue;
        }
        std::string element = referred_element(word);
        if (element.empty() && is_factory(word)) {
            element = given_name(words, i);
            if (element.empty()) {
                int number = count[word]++;
                element = node + "-" + word + (number ? std::to_string(number) : "");
                words_.push_back({"name=" + element, element});
            }
        }
        // Caps between two links stand for a filter; the link goes on behind them.
        if (element.empty()) continue;
        if (link_open) linked_to_.insert(element);
        link_open = false;
        last = element;
    }
}

std::vector<std::string> Fragment::words(const std::set<std::string>& needed) const {
    std::vector<std::string> out;
    for (const Word& word : words_) {
        if (word.added_name.empty() || needed.count(word.added_name)) out.push_back(word.text);
    }
    return out;
}

std::string Fragment::text() const {
    std::string out;
    for (const Word& word : words_) out += (out.empty() ? "" : " ") + word.text;
    return out;
}

Result<gst::Ref<GstElement>> Fragment::make_bin(const std::string& name) const {
    if (ends_in_caps(split_words(text()))) {
        return fail(Fault::bad_input, "'launch' ends in caps; an element must follow them, such as identity");
    }
    GError* error = nullptr;
    GstElement* parsed =
        gst_parse_bin_from_description_full(text().c_str(), FALSE, nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &error);
    auto bin = gst::share(parsed);
    if (error) {
        std::string why = explain(*error);
        g_error_free(error);
        return fail(Fault::bad_input, "in 'launch': " + why);
    }
    if (!bin) return fail(Fault::bad_input, "in 'launch': it makes no elements");
    gst_object_set_name(GST_OBJECT(bin.get()), name.c_str());
    return bin;
}

}  // namespace millrace::launcher
