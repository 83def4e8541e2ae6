// SPDX-License-Identifier: LGPL-2.1-or-later
// What a right pipeline file means.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "launcher/config/quantity.hpp"
#include "launcher/config/read.hpp"
#include "launcher/config/suggestion.hpp"

namespace millrace::launcher {
namespace {

PipelineFile read(const std::string& text) {
    Problems problems;
    auto environment = [](const std::string& name) -> std::optional<std::string> {
        if (name == "PORT") return "9000";
        if (name == "EMPTY") return "";
        return std::nullopt;
    };
    auto file = read_pipeline_text(text, "f.yaml", environment, problems);
    for (const Problem& problem : problems) ADD_FAILURE() << to_text(problem);
    return file.value_or(PipelineFile{});
}

TEST(APipelineFile, SaysWhatItSays) {
    PipelineFile file = read(R"(
listen:
  http: ":${PORT}"
streams:
  live/*:
    nodes:
      in:     {element: source}
      ladder: {element: ladder, from: in, renditions: [copy, 720p@2500k]}
      out:    {element: sink, from: [ladder.video, in.audio_0], part: 200ms}
  demo:
    run: always
    nodes:
      both: {launch: "a ! b"}
)");
    EXPECT_EQ(file.listen.at("http").text, ":9000");
    ASSERT_EQ(file.streams.size(), 2u);
    const Stream& live = file.streams[0];
    EXPECT_EQ(live.run, Run::on_publish);
    ASSERT_EQ(live.nodes.size(), 3u);
    const Node& ladder = live.nodes[1];
    ASSERT_EQ(ladder.properties.size(), 1u);
    EXPECT_TRUE(ladder.properties[0].is_list);
    EXPECT_EQ(ladder.properties[0].values[1].text, "720p@2500k");
    EXPECT_EQ(ladder.properties[0].name.at, (Position{8, 43}));
    ASSERT_EQ(live.nodes[2].from.size(), 2u);
    EXPECT_EQ(live.nodes[2].from[0].text, "ladder.video");
    EXPECT_EQ(file.streams[1].nodes[0].launch.text, "a ! b");
}

struct Substituted {
    const char* text;
    const char* value;
};
class EnvironmentIn : public testing::TestWithParam<Substituted> {};

TEST_P(EnvironmentIn, AValueIsReplacedAlsoWhereYamlWouldReadBraces) {
    PipelineFile file = read(std::string("streams: {a: {nodes: {x: {element: e, p: ") + GetParam().text + "}}}}\n");
    ASSERT_EQ(file.streams.size(), 1u);
    EXPECT_EQ(file.streams[0].nodes[0].properties.at(0).values.at(0).text, GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(Launcher, EnvironmentIn,
                         testing::Values(Substituted{"${PORT}", "9000"}, Substituted{"'${PORT}'", "9000"},
                                         Substituted{"${NOT_SET:-a, b}", "a, b"}, Substituted{"${EMPTY:-c}", "c"},
                                         Substituted{"${EMPTY}x", "x"}, Substituted{"a${PORT}b${PORT}", "a9000b9000"},
                                         Substituted{"${NOT_SET:-:8080}", ":8080"},
                                         Substituted{"'$${PORT}'", "${PORT}"}, Substituted{"$PORT", "$PORT"}));

TEST(AValueOfTheEnvironment, IsNeverReadAsYaml) {
    Problems problems;
    auto hostile = [](const std::string&) -> std::optional<std::string> { return "x, q: 1}\nstreams: {"; };
    auto file = read_pipeline_text("streams: {a: {nodes: {x: {element: e, p: ${V}}}}}\n", "f", hostile, problems);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->streams[0].nodes[0].properties[0].values[0].text, "x, q: 1}\nstreams: {");
}

TEST(StreamsThatSayTheSame, AreTheSameWhereverTheySayIt) {
    PipelineFile a = read("streams:\n  x: {run: always, nodes: {n: {element: e, p: 1}}}\n");
    PipelineFile b = read("# moved\n\nstreams:\n  x:\n    run: always\n    nodes:\n      n: {element: e, p: 1}\n");
    PipelineFile c = read("streams:\n  x: {run: always, nodes: {n: {element: e, p: 2}}}\n");
    EXPECT_EQ(a.streams[0], b.streams[0]);
    EXPECT_FALSE(a.streams[0] == c.streams[0]);
}

TEST(AnAlias, StandsForWhatItNames) {
    PipelineFile file = read("streams:\n  a: &s {nodes: {n: {element: e}}}\n  b: *s\n");
    ASSERT_EQ(file.streams.size(), 2u);
    EXPECT_EQ(file.streams[1].nodes[0].element.text, "e");
}

TEST(APathPattern, MatchesWithinOneComponent) {
    struct Row {
        const char* pattern;
        const char* path;
        bool matches;
    };
    for (const Row& row :
         {Row{"live/*", "live/cam1", true}, Row{"live/*", "live/a/b", false}, Row{"live/*", "live/", false},
          Row{"live/*", "live", false}, Row{"*", "x", true}, Row{"*/cam*", "a/cam12", true},
          Row{"*/cam*", "a/b/cam", false}, Row{"a*b*c", "aXbYc", true}, Row{"a*b*c", "aXcYb", false},
          Row{"live/cam1", "live/cam1", true}, Row{"live/cam1", "live/cam12", false}}) {
        EXPECT_EQ(PathPattern::parse(row.pattern)->matches(row.path), row.matches) << row.pattern << " " << row.path;
    }
}

TEST(OfTwoPatternsThatMatch, TheLiteralThenTheLongerPrefixDecides) {
    auto pattern = [](const char* text) { return *PathPattern::parse(text); };
    EXPECT_TRUE(is_more_specific(pattern("live/cam1"), pattern("live/cam*")));
    EXPECT_TRUE(is_more_specific(pattern("live/cam*"), pattern("live/*")));
    EXPECT_FALSE(is_more_specific(pattern("*/*"), pattern("live/*")));
}

TEST(PathAndName, StandForThePathThatRuns) {
    EXPECT_EQ(substitute_path("/srv/{path}/{name}.ts {nothing}", "live/cam1"), "/srv/live/cam1/cam1.ts {nothing}");
}

TEST(AQuantity, IsExact) {
    struct Row {
        const char* text;
        Quantity quantity;
    };
    for (const Row& row :
         {Row{"200ms", {Dimension::duration, 200'000'000}}, Row{"2s", {Dimension::duration, 2'000'000'000}},
          Row{"1.5s", {Dimension::duration, 1'500'000'000}}, Row{"-5ms", {Dimension::duration, -5'000'000}},
          Row{"2500k", {Dimension::bitrate, 2'500'000}}, Row{"4M", {Dimension::bitrate, 4'000'000}},
          Row{"0.1M", {Dimension::bitrate, 100'000}}, Row{"64MiB", {Dimension::size, 64 << 20}}}) {
        ASSERT_TRUE(parse_quantity(row.text)) << row.text;
        EXPECT_EQ(*parse_quantity(row.text), row.quantity) << row.text;
    }
    for (const char* none :
         {"", "s", "2", "2 s", "2S", "1.2.3s", ".5s", "5.s", "99999999999h", "2sx", "--2s", "0x2s"}) {
        EXPECT_FALSE(parse_quantity(none)) << none;
    }
}

TEST(ASuggestion, IsTheNearestOrNone) {
    std::vector<std::string> names{"part-duration", "segment-duration", "path"};
    EXPECT_EQ(nearest("part-durration", names), "part-duration");
    EXPECT_EQ(nearest("pth", names), "path");
    EXPECT_EQ(nearest("apth", names), "path");
    EXPECT_EQ(nearest("colour", names), std::nullopt);
    EXPECT_EQ(nearest("", names), std::nullopt);
}

TEST(SeveralFiles, MayNotSayTheSameTwice) {
    Problems problems;
    EXPECT_FALSE(read_pipeline_files({"/nowhere-a.yaml", "/nowhere-b.yaml"}, process_environment(), problems));
    EXPECT_EQ(problems.size(), 2u);
}

}  // namespace
}  // namespace millrace::launcher
