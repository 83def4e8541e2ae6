// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/listen_address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "common/net/process_defaults.hpp"

namespace millrace::net {
namespace {

using testing::HasSubstr;

TEST(ListenAddress, EveryAddressOfTheMachineHasOneSpelling) {
    for (const char* text : {":8080", "*:8080", "0.0.0.0:8080", "[::]:8080", "[0:0::0]:8080"}) {
        auto address = ListenAddress::parse(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->text(), ":8080") << text;
        EXPECT_EQ(address->url_host(), "localhost") << text;
    }
}

struct Spelling {
    const char* written;
    const char* normal;
    const char* url_host;
};

TEST(ListenAddress, ReadsAddressesOfBothFamilies) {
    for (auto [written, normal, url_host] :
         {Spelling{"127.0.0.1:0", "127.0.0.1:0", "127.0.0.1"}, Spelling{"localhost:80", "127.0.0.1:80", "127.0.0.1"},
          Spelling{"[::1]:1935", "[::1]:1935", "[::1]"},
          Spelling{"[2001:DB8:0::1]:65535", "[2001:db8::1]:65535", "[2001:db8::1]"}}) {
        auto address = ListenAddress::parse(written);
        ASSERT_TRUE(address) << written;
        EXPECT_EQ(address->text(), normal);
        EXPECT_EQ(address->url_host(), url_host);
    }
}

struct Mistake {
    const char* written;
    const char* told;
};

TEST(ListenAddress, SaysWhatIsWrongAndHowToWriteIt) {
    for (auto [written, told] :
         {Mistake{"8080", "the ':' before the port is missing"}, Mistake{"", "it has no port"},
          Mistake{"localhost", "it has no port"}, Mistake{":", "the port is a number from 0 to 65535"},
          Mistake{":65536", "the port is a number from 0 to 65535"},
          Mistake{":-1", "the port is a number from 0 to 65535"},
          Mistake{":80x", "the port is a number from 0 to 65535"}, Mistake{"::1:80", "stands in brackets"},
          Mistake{"[1.2.3.4]:80", "no IPv6 address"}, Mistake{"[::1:80", "stands in brackets"},
          Mistake{"300.0.0.1:80", "not an IP address"}, Mistake{"example.org:80", "not an IP address"}}) {
        auto address = ListenAddress::parse(written);
        ASSERT_FALSE(address) << written;
        EXPECT_EQ(address.error().fault, Fault::bad_input);
        EXPECT_THAT(address.error().what, HasSubstr(told)) << written;
        EXPECT_THAT(address.error().what, HasSubstr("127.0.0.1:8080")) << written;
    }
}

TEST(ProcessDefaults, WhatTheProcessWasToldGoesBeforeItsEnvironmentAndThatBeforeTheCallers) {
    ::unsetenv("MILLRACE_LISTEN_TEST");
    EXPECT_EQ(default_listen("test", ":1"), ":1");
    ::setenv("MILLRACE_LISTEN_TEST", ":2", 1);
    EXPECT_EQ(default_listen("test", ":1"), ":2");
    set_default_listen("test", ":3");
    EXPECT_EQ(default_listen("test", ":1"), ":3");
    EXPECT_EQ(default_listen("other", ":1"), ":1");
    set_default_listen("test", "");
    EXPECT_EQ(default_listen("test", ":1"), ":2");
    ::unsetenv("MILLRACE_LISTEN_TEST");
}

TEST(ProcessDefaults, TlsNeedsBothFiles) {
    EXPECT_FALSE(default_tls());
    ::setenv("MILLRACE_TLS_CERTIFICATE", "a.pem", 1);
    EXPECT_FALSE(default_tls());
    ::setenv("MILLRACE_TLS_KEY", "b.pem", 1);
    EXPECT_EQ(default_tls(), (TlsFiles{"a.pem", "b.pem"}));
    set_default_tls(TlsFiles{"c.pem", "d.pem"});
    EXPECT_EQ(default_tls(), (TlsFiles{"c.pem", "d.pem"}));
    set_default_tls({});
    ::unsetenv("MILLRACE_TLS_CERTIFICATE");
    ::unsetenv("MILLRACE_TLS_KEY");
}

}  // namespace
}  // namespace millrace::net
