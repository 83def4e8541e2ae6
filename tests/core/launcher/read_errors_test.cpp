// SPDX-License-Identifier: LGPL-2.1-or-later
// What a wrong pipeline file is told: a table of files and of every message they must get, position included.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "launcher/config/read.hpp"

namespace millrace::launcher {
namespace {

std::optional<std::string> no_environment(const std::string&) {
    return std::nullopt;
}

std::string problems_of(const std::string& text) {
    Problems problems;
    auto file = read_pipeline_text(text, "f.yaml", no_environment, problems);
    EXPECT_EQ(file.has_value(), problems.empty());
    std::string out;
    for (const Problem& problem : problems) out += to_text(problem) + "\n";
    return out;
}

struct Wrong {
    const char* name;
    std::string text;
    std::string says;
};

std::ostream& operator<<(std::ostream& out, const Wrong& wrong) {
    return out << wrong.name;
}

class WrongFile : public testing::TestWithParam<Wrong> {};

TEST_P(WrongFile, IsToldWhereAndWhy) {
    EXPECT_EQ(problems_of(GetParam().text), GetParam().says);
}

const Wrong kWrong[] = {
    {"Empty", "", "f.yaml:1:1: the file is empty; it needs 'streams'\n"},
    {"OnlyAComment", "# nothing\n", "f.yaml:1:1: the file is empty; it needs 'streams'\n"},
    {"AList", "- a\n", "f.yaml:1:1: a pipeline file must be a map, such as 'streams: {…}'\n"},
    {"UnknownKey", "strems: {}\n",
     "f.yaml:1:1: unknown key 'strems' in the file; did you mean 'streams'?\n"
     "f.yaml:1:1: the file needs 'streams'\n"},
    {"UnknownListen", "listen: {htp: ':80'}\nstreams: {a: {nodes: {x: {element: e}}}}\n",
     "f.yaml:1:10: unknown key 'htp' in 'listen'; did you mean 'http'?\n"},
    {"ListenWithoutPort", "listen:\n  http: localhost\nstreams: {a: {nodes: {x: {element: e}}}}\n",
     "f.yaml:2:9: 'localhost' is not an address to listen on; write \":8080\" or \"127.0.0.1:8080\"\n"},
    {"ListenBeyondPorts", "listen:\n  http: ':65536'\nstreams: {a: {nodes: {x: {element: e}}}}\n",
     "f.yaml:2:9: ':65536' is not an address to listen on; write \":8080\" or \"127.0.0.1:8080\"\n"},
    {"TlsWithoutKey", "tls: {certificate: /nowhere/c.pem}\nstreams: {a: {nodes: {x: {element: e}}}}\n",
     "f.yaml:1:6: 'tls' needs 'key'\n"
     "f.yaml:1:20: there is no file '/nowhere/c.pem'\n"},
    {"SecureWithoutTls", "listen: {https: ':8443'}\nstreams: {a: {nodes: {x: {element: e}}}}\n",
     "f.yaml:1:17: 'https' needs 'tls' with a certificate and its key\n"},
    {"UnknownRun", "streams:\n  a:\n    run: alway\n    nodes: {x: {element: e}}\n",
     "f.yaml:3:10: 'alway' is not a way to run; there are on-publish, always and on-demand; did you mean 'always'?\n"},
    {"NoNodes", "streams:\n  a: {run: always}\n", "f.yaml:2:6: stream 'a' needs 'nodes'\n"},
    {"NodesWithoutValue", "streams:\n  a:\n    nodes:\n",
     "f.yaml:4:1: 'nodes' must be a map, such as 'in: {element: videotestsrc}'\n"},
    {"NeitherElementNorLaunch", "streams:\n  a:\n    nodes:\n      x: {from: x2}\n      x2: {element: e}\n",
     "f.yaml:4:7: node 'x' needs 'element' or 'launch'\n"},
    {"ElementAndLaunch", "streams:\n  a:\n    nodes:\n      x: {element: e, launch: f}\n",
     "f.yaml:4:7: node 'x' has both 'element' and 'launch'\n"},
    {"PropertyBesideLaunch", "streams:\n  a:\n    nodes:\n      x: {launch: f, form: y}\n",
     "f.yaml:4:22: 'form' beside 'launch'; properties of a fragment go into its text; did you mean 'from'?\n"},
    {"NodeName", "streams:\n  a:\n    nodes:\n      x.y: {element: e}\n",
     "f.yaml:4:7: 'x.y' is not a name for a node; use letters, digits, '_' and '-'\n"},
    {"UnknownNode", "streams:\n  a:\n    nodes:\n      input: {element: e}\n      x: {element: e, from: inptu.video}\n",
     "f.yaml:5:29: unknown node 'inptu' in 'from'; did you mean 'input'?\n"},
    {"UnknownNodeInAList",
     "streams:\n  a:\n    nodes:\n      in: {element: e}\n      x: {element: e, from: [in, out]}\n",
     "f.yaml:5:34: unknown node 'out' in 'from'\n"},
    {"FedByItself", "streams:\n  a:\n    nodes:\n      x: {element: e, from: x}\n",
     "f.yaml:4:29: a loop of 'from': x ← x\n"},
    {"Loop",
     "streams:\n  a:\n    nodes:\n      x: {element: e, from: z}\n      y: {element: e, from: x}\n"
     "      z: {element: e, from: y.video}\n",
     "f.yaml:5:29: a loop of 'from': x ← z ← y ← x\n"},
    {"KeyTwice", "streams:\n  a: {nodes: {x: {element: e}}}\n  a: {nodes: {x: {element: e}}}\n",
     "f.yaml:3:3: 'a' again; it is already in line 2\n"},
    {"PropertyTwice", "streams:\n  a:\n    nodes:\n      x:\n        element: e\n        p: 1\n        p: 2\n",
     "f.yaml:7:9: 'p' again; it is already in line 6\n"},
    {"GlobThatAlwaysRuns", "streams:\n  live/*: {run: always, nodes: {x: {element: e}}}\n",
     "f.yaml:2:3: 'live/*' stands for many paths, so it cannot run always; use on-publish or on-demand\n"},
    {"DoubleStar", "streams:\n  live/**: {nodes: {x: {element: e}}}\n",
     "f.yaml:2:3: 'live/**' is not a stream path: '**' is not known; '*' matches in one component\n"},
    {"GlobOfCharacters", "streams:\n  'live/[ab]': {nodes: {x: {element: e}}}\n",
     "f.yaml:2:3: 'live/[ab]' is not a stream path: it may have letters, digits, '-', '_', '.', '~', '/' and '*'\n"},
    {"PathUpwards", "streams:\n  live/../x: {nodes: {x: {element: e}}}\n",
     "f.yaml:2:3: 'live/../x' is not a stream path: '..' in it\n"},
    {"PathWithASlashAtItsEnd", "streams:\n  live/: {nodes: {x: {element: e}}}\n",
     "f.yaml:2:3: 'live/' is not a stream path: it has an empty component ('/' at an end, or '//')\n"},
    {"UnsetVariable", "streams:\n  a:\n    nodes:\n      x: {element: e, location: ${WHERE}}\n",
     "f.yaml:4:33: the environment variable WHERE is not set; ${WHERE:-default} would give it a default\n"},
    {"OpenVariable", "streams:\n  a:\n    nodes:\n      x: {element: e, location: '${WHERE'}\n",
     "f.yaml:4:33: '${' without its '}'\n"},
    {"OddVariable", "streams:\n  a:\n    nodes:\n      x: {element: e, location: '${1+1}'}\n",
     "f.yaml:4:33: '${1+1}' is not ${NAME} or ${NAME:-default}\n"},
    {"MapAsProperty", "streams:\n  a:\n    nodes:\n      x: {element: e, p: {q: 1}}\n",
     "f.yaml:4:26: 'p' must be one value\n"},
    {"NotYaml", "streams:\n  a: [1, 2\n", "f.yaml:3:1: not YAML: end of sequence flow not found\n"},
    {"SecondDocument", "streams: {a: {nodes: {x: {element: e}}}}\n---\nmore: 1\n",
     "f.yaml:3:1: a second document; a pipeline file has one\n"},
    {"Binary", std::string("streams:\n \0\1\2", 13), "f.yaml:2:2: a control character; this is not a text file\n"},
    {"AliasOfItself", "a: &x [*x]\n", "f.yaml:1:8: an alias inside what it stands for\n"},
};

INSTANTIATE_TEST_SUITE_P(Launcher, WrongFile, testing::ValuesIn(kWrong),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(WrongFiles, GetAllTheirProblemsAtOnceInTheirOrder) {
    EXPECT_EQ(problems_of("listen: {htp: ':80'}\nstreams:\n  a/../b: {nodes: {x: {element: e}}}\n"
                          "  b: {run: no, nodes: {x: {element: e, from: q}}}\n"),
              "f.yaml:1:10: unknown key 'htp' in 'listen'; did you mean 'http'?\n"
              "f.yaml:3:3: 'a/../b' is not a stream path: '..' in it\n"
              "f.yaml:4:12: 'no' is not a way to run; there are on-publish, always and on-demand\n"
              "f.yaml:4:46: unknown node 'q' in 'from'\n");
}

TEST(HostileFiles, AreRefusedAtTheirBounds) {
    std::string deep(5000, '[');
    EXPECT_NE(problems_of("a: " + deep).find("nested too deep"), std::string::npos);
    std::string nested_maps;
    for (int i = 0; i < 200; ++i) nested_maps += std::string(static_cast<std::size_t>(i), ' ') + "k:\n";
    EXPECT_NE(problems_of(nested_maps).find("nested too deep"), std::string::npos);
    EXPECT_EQ(problems_of(std::string((1 << 20) + 1, ' ')),
              "f.yaml:1:1: larger than 1 MiB; this is not a pipeline file\n");
}

TEST(HostileFiles, AliasesThatMultiplyAreCountedAsWhatTheyStandFor) {
    std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 20; ++i) {
        std::string before = "*a" + std::to_string(i - 1);
        text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int k = 1; k < 10; ++k) text += "," + before;
        text += "]\n";
    }
    EXPECT_NE(problems_of(text).find("too many values, once aliases are written out"), std::string::npos);
}

std::string chain(int nodes) {
    std::string text = "streams:\n  a:\n    nodes:\n      n0: {element: e}\n";
    for (int i = 1; i < nodes; ++i) {
        text += "      n" + std::to_string(i) + ": {element: e, from: n" + std::to_string(i - 1) + "}\n";
    }
    return text;
}

TEST(HostileFiles, AThousandNodesAreAStreamAndMoreAreNot) {
    EXPECT_EQ(problems_of(chain(1000)), "");
    EXPECT_EQ(problems_of(chain(1001)), "f.yaml:4:7: more than 1000 nodes in a stream\n");
}

TEST(HostileFiles, SuggestionsEndWhereNobodyReadsThem) {
    std::string text = "streams:\n";
    for (int i = 0; i < 2000; ++i) text += "  s" + std::to_string(i) + ": {nodes: {x: {element: e}}, rnu: always}\n";
    std::string says = problems_of(text);
    EXPECT_NE(says.find(": unknown key 'rnu' in stream 's0'; did you mean 'run'?"), std::string::npos);
    EXPECT_NE(says.find(": unknown key 'rnu' in stream 's1999'\n"), std::string::npos);
}

TEST(FilesOnDisk, ThatAreNoneSayWhatTheyAre) {
    Problems problems;
    EXPECT_FALSE(read_pipeline_file("/", no_environment, problems));
    EXPECT_FALSE(read_pipeline_file("/nowhere.yaml", no_environment, problems));
    EXPECT_FALSE(read_pipeline_file("/dev/zero", no_environment, problems));
    ASSERT_EQ(problems.size(), 3u);
    EXPECT_EQ(to_text(problems[0]), "/:1:1: this is a directory; name a pipeline file in it");
    EXPECT_EQ(to_text(problems[1]), "/nowhere.yaml:1:1: there is no such file");
    EXPECT_EQ(to_text(problems[2]), "/dev/zero:1:1: larger than 1 MiB; this is not a pipeline file");
}

}  // namespace
}  // namespace millrace::launcher
