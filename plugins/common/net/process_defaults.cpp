// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/process_defaults.hpp"

#include <cctype>
#include <cstdlib>
#include <map>

#include "common/base/thread.hpp"

namespace millrace::net {

namespace {

struct Told {
    std::map<std::string, std::string, std::less<>> listen;
    std::optional<TlsFiles> tls;
};

Guarded<Told>& told() {
    static auto* defaults = new Guarded<Told>();
    return *defaults;
}

std::string environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value ? value : "";
}

std::string upper(std::string_view text) {
    std::string out;
    for (unsigned char c : text) out += static_cast<char>(std::toupper(c));
    return out;
}

}  // namespace

std::string default_listen(std::string_view protocol, std::string_view otherwise) {
    std::string listen = told().with([&](Told& defaults) {
        auto found = defaults.listen.find(protocol);
        return found == defaults.listen.end() ? std::string() : found->second;
    });
    if (listen.empty()) listen = environment("MILLRACE_LISTEN_" + upper(protocol));
    return listen.empty() ? std::string(otherwise) : listen;
}

void set_default_listen(const std::string& protocol, std::string listen) {
    told().with([&](Told& defaults) { defaults.listen[protocol] = std::move(listen); });
}

std::optional<TlsFiles> default_tls() {
    auto files = told().with([](Told& defaults) { return defaults.tls; });
    if (files) return files;
    TlsFiles named{environment("MILLRACE_TLS_CERTIFICATE"), environment("MILLRACE_TLS_KEY")};
    if (named.certificate.empty() || named.key.empty()) return {};
    return named;
}

void set_default_tls(std::optional<TlsFiles> files) {
    told().with([&](Told& defaults) { defaults.tls = std::move(files); });
}

}  // namespace millrace::net
