// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/core/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/core/rtmp/client.hpp"
#include "tests/support/sanitized.hpp"

namespace millrace::rtmp {
namespace {

using codec::Codec;
using codec::Kind;
using test::answered_commands;
using test::Client;
using test::Server;
using test::operator+;
using test::unhex;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

Bytes publishing() {
    return Client().begin().take();
}

// Server and client side by side, past the handshake and the publish command.
struct Published {
    Published() { EXPECT_TRUE(server.receive(client.begin().take())); }
    Result<> send() { return server.receive(client.take()); }
    Client client;
    Server server;
};

const Closed* closed(const Server& server) {
    return server.events.empty() ? nullptr : std::get_if<Closed>(&server.events.back());
}

TEST(Session, AnswersAPublisherInTheWordsOfTheProtocol) {
    Server server;
    ASSERT_TRUE(server.receive(publishing()));
    EXPECT_THAT(answered_commands(server.output),
                ElementsAre("_result 1 NetConnection.Connect.Success", "_result 2", "_result 3", "_result 4",
                            "onStatus 0 NetStream.Publish.Start"));
    std::vector<MessageType> types;
    for (const Message& message : test::answers(server.output)) types.push_back(message.type);
    EXPECT_THAT(types, ElementsAre(MessageType::window_acknowledgement_size, MessageType::set_peer_bandwidth,
                                   MessageType::set_chunk_size, MessageType::command_amf0, MessageType::command_amf0,
                                   MessageType::command_amf0, MessageType::command_amf0, MessageType::user_control,
                                   MessageType::command_amf0));
    EXPECT_TRUE(server.session.publishing());
}

TEST(Session, TellsItsOwnerWhoWantsToPublishWhat) {
    Server server;
    server.accepts = false;
    ASSERT_TRUE(server.receive(Client().begin("live", "cam1?token=x").take()));
    auto asked = server.events_of<PublishRequested>();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0], (PublishRequested{"live/cam1", "live", "cam1", "token=x", "rtmp://localhost/live",
                                          "FMLE/3.0 (test)", PublishMode::live}));
    EXPECT_TRUE(server.session.awaits_decision());
    EXPECT_FALSE(server.session.publishing());
}

TEST(Session, KnowsTheThreePublishModes) {
    for (auto [word, mode] : {std::pair{"live", PublishMode::live}, std::pair{"record", PublishMode::record},
                              std::pair{"append", PublishMode::append}, std::pair{"", PublishMode::live}}) {
        Server server;
        ASSERT_TRUE(server.receive(Client().handshake().connect("live").create_stream().publish("a", word).take()));
        EXPECT_EQ(server.events_of<PublishRequested>().at(0).mode, mode);
    }
}

struct RefusalRow {
    Refusal refusal;
    const char* code;
};
class Refusals : public testing::TestWithParam<RefusalRow> {};
TEST_P(Refusals, HaveTheirCodeAndEndTheSession) {
    Server server;
    server.accepts = false;
    ASSERT_TRUE(server.receive(publishing()));
    server.session.refuse(GetParam().refusal);
    server.drain();
    EXPECT_EQ(answered_commands(server.output).back(), std::string("onStatus 0 ") + GetParam().code);
    EXPECT_TRUE(server.session.finished());
    ASSERT_TRUE(closed(server));
    EXPECT_EQ(closed(server)->why->fault, Fault::refused);
    EXPECT_TRUE(server.events_of<Unpublished>().empty()) << "it was never published";
}
INSTANTIATE_TEST_SUITE_P(Table, Refusals,
                         testing::Values(RefusalRow{Refusal::unknown, "NetStream.Publish.BadName"},
                                         RefusalRow{Refusal::busy, "NetStream.Publish.BadName"},
                                         RefusalRow{Refusal::unauthorized, "NetStream.Publish.Denied"}));

TEST(Session, RefusesToPlayAndToBeConnectedTwice) {
    Server player;
    ASSERT_TRUE(player.receive(
        Client().handshake().connect("live").create_stream().command(1, "play", 0, amf::Null{}, {"cam1"}).take()));
    EXPECT_EQ(answered_commands(player.output).back(), "onStatus 0 NetStream.Play.Failed");
    EXPECT_TRUE(player.session.finished());

    Server twice;
    ASSERT_TRUE(twice.receive(Client().handshake().connect("live").connect("live").take()));
    EXPECT_EQ(answered_commands(twice.output).back(), "_error 1 NetConnection.Connect.Rejected");
    EXPECT_TRUE(twice.session.finished());

    Server nameless;
    ASSERT_TRUE(nameless.receive(Client().handshake().command(0, "connect", 1, amf::Object{}).take()));
    EXPECT_EQ(answered_commands(nameless.output).back(), "_error 1 NetConnection.Connect.Rejected");
}

TEST(Session, RefusesNamesThatAreNotSafe) {
    Server server;
    ASSERT_TRUE(server.receive(Client().begin("live", "../../etc/passwd").take()));
    EXPECT_EQ(answered_commands(server.output).back(), "onStatus 0 NetStream.Publish.BadName");
    EXPECT_TRUE(server.events_of<PublishRequested>().empty());
    EXPECT_TRUE(server.session.finished());
}

TEST(Session, AnswersWhatEncodersAskOnTheSide) {
    Server server;
    Client client;
    client.handshake().connect("live").command(0, "_checkbw", 7).command(0, "getStreamLength", 8, amf::Null{}, {"a"});
    client.command(0, "somethingElse", 9).command(0, "somethingElse", 0).command(0, "releaseStream", 0);
    ASSERT_TRUE(server.receive(client.take()));
    EXPECT_THAT(answered_commands(server.output), ElementsAre("_result 1 NetConnection.Connect.Success", "_result 7",
                                                              "_result 8", "_error 9 NetConnection.Call.Failed"));
}

TEST(Session, TellsEnhancedPublishersWhatItCarries) {
    Server server;
    ASSERT_TRUE(server.receive(Client().handshake().connect("live", {{"fourCcList", amf::Array{"hvc1"}}}).take()));
    auto command = read_command(test::answers(server.output).back());
    ASSERT_TRUE(command);
    const amf::Value* list = amf::find(*command->object.object(), "fourCcList");
    ASSERT_TRUE(list && list->array());
    EXPECT_THAT(*list->array(), Contains(amf::Value("hvc1")));
}

TEST(Session, TurnsTagsIntoFormatsAndMedia) {
    Published p;
    p.client.h264_configuration().aac_configuration().h264_frame(0, true, 66).aac_frame(5).h264_frame(33, false, -33);
    ASSERT_TRUE(p.send());

    auto formats = p.server.events_of<FormatChanged>();
    ASSERT_EQ(formats.size(), 2U);
    EXPECT_EQ(formats[0].format.codec, Codec::h264);
    EXPECT_EQ(formats[0].format.config, test::avcc());
    EXPECT_EQ(formats[0].format.width, 160U);
    EXPECT_EQ(formats[1].format.config, test::audio_specific_config());
    EXPECT_EQ(formats[1].format.sample_rate, 44100U);

    auto media = p.server.events_of<Media>();
    ASSERT_EQ(media.size(), 3U);
    EXPECT_EQ(media[0].pts, 66ms);
    EXPECT_TRUE(media[0].key);
    EXPECT_EQ(media[0].payload.size, 104U);
    EXPECT_EQ(media[1].kind, Kind::audio);
    EXPECT_EQ(media[1].dts, 5ms);
    EXPECT_EQ(media[2].dts, 33ms);
    EXPECT_EQ(media[2].pts, 0ms);
    EXPECT_FALSE(media[2].key);
}

TEST(Session, AConfigurationIsNewsOnlyWhenItChanges) {
    Published p;
    p.client.aac_configuration().aac_configuration(10).aac_frame(10);
    p.client.audio(20, {0xaf, 0, 0x11, 0x90}).aac_frame(20);  // 48 kHz from here on
    ASSERT_TRUE(p.send());
    auto formats = p.server.events_of<FormatChanged>();
    ASSERT_EQ(formats.size(), 2U);
    EXPECT_EQ(formats[1].format.sample_rate, 48000U);
    EXPECT_EQ(p.server.events_of<Media>().size(), 2U);
}

TEST(Session, Mp3SaysWhatItIsInEveryFrame) {
    Published p;
    Bytes frame = unhex("2f fffb9064");  // MPEG-1 layer III, 128 kbit/s, 44.1 kHz, joint stereo
    frame.resize(418);
    p.client.audio(0, frame).audio(26, frame);
    ASSERT_TRUE(p.send());
    auto formats = p.server.events_of<FormatChanged>();
    ASSERT_EQ(formats.size(), 1U);
    EXPECT_EQ(formats[0].format.sample_rate, 44100U);
    EXPECT_EQ(formats[0].format.samples_per_frame, 1152U);
    EXPECT_EQ(p.server.events_of<Media>().size(), 2U);
}

TEST(Session, OpusGetsTheConfigurationOfIsoFiles) {
    Published p;
    p.client.audio(0, unhex("90 4f707573 4f70757348656164 01 02 3801 80bb0000 0000 00"));
    p.client.audio(0, unhex("91 4f707573 fc01"));
    ASSERT_TRUE(p.send());
    auto formats = p.server.events_of<FormatChanged>();
    ASSERT_EQ(formats.size(), 1U);
    EXPECT_EQ(test::hex(formats[0].format.config), "000201380000bb80000000");
    EXPECT_EQ(p.server.events_of<Media>().size(), 1U);
}

TEST(Session, PayloadsAreNotCopiedOutOfTheirMessage) {
    Published p;
    p.client.h264_configuration().h264_frame(0, true, 0, 50'000);
    ASSERT_TRUE(p.send());
    const Payload payload = p.server.events_of<Media>().at(0).payload;
    EXPECT_EQ(payload.offset, 5U);
    EXPECT_EQ(payload.owner.size(), payload.offset + payload.size);
}

TEST(Session, ReadsMetadataWithAndWithoutItsSetDataFrame) {
    Published p;
    amf::Object values{{"width", 160.0}, {"encoder", "test"}};
    p.client.data({"@setDataFrame", "onMetaData", values}).data({"onMetaData", values}).data({"onCuePoint", values});
    ASSERT_TRUE(p.send());
    auto metadata = p.server.events_of<Metadata>();
    ASSERT_EQ(metadata.size(), 2U);
    EXPECT_EQ(metadata[0].values, values);
    EXPECT_EQ(metadata[1].values, values);
}

TEST(Session, TakesAggregateMessagesApart) {
    Published p;
    ByteWriter aggregate;
    for (std::uint32_t timestamp : {700U, 720U}) {
        aggregate.u8(8);
        aggregate.u24(3);
        aggregate.u24(timestamp);
        aggregate.u8(0);
        aggregate.u24(0);
        aggregate.bytes(unhex("af01ee"));
        aggregate.u32(14);
    }
    p.client.aac_configuration(1000);
    p.client.message(4, {MessageType::aggregate, 1000, 1, std::move(aggregate).take()});
    ASSERT_TRUE(p.send());
    auto media = p.server.events_of<Media>();
    ASSERT_EQ(media.size(), 2U);
    EXPECT_EQ(media[0].dts, 1000ms);
    EXPECT_EQ(media[1].dts, 1020ms);
}

TEST(Session, VideoBeforeItsConfigurationIsDroppedCountedAndSaidOnce) {
    Published p;
    p.client.h264_frame(0, true).h264_frame(33, false).aac_frame(40).h264_configuration(66).h264_frame(66, true);
    ASSERT_TRUE(p.send());
    EXPECT_EQ(p.server.session.dropped(), 3U);
    EXPECT_EQ(p.server.events_of<Notice>().size(), 2U) << "one for video, one for audio";
    EXPECT_EQ(p.server.events_of<Media>().size(), 1U);
}

TEST(Session, WhatItCannotCarryIsDroppedAndSaidOnce) {
    Published p;
    p.client.video(0, unhex("12 aabb")).video(33, unhex("22 aabb")).audio(0, unhex("b2 00"));
    p.client.video(40, unhex("91 01ff7f80 00")).video(50, unhex("17 00 000000 ff"));
    ASSERT_TRUE(p.send());
    std::vector<std::string> notices;
    for (const Notice& notice : p.server.events_of<Notice>()) notices.push_back(notice.text);
    EXPECT_THAT(notices, ElementsAre(HasSubstr("Sorenson H.263"), HasSubstr("Speex"), HasSubstr("codec '?"),
                                     HasSubstr("configuration is unusable")));
    EXPECT_EQ(p.server.session.dropped(), 5U);
}

TEST(Session, TimestampsWrapAroundIntoSixtyFourBits) {
    Published p;
    p.client.aac_configuration(0xfffffff0).aac_frame(0xfffffff0).aac_frame(0x00000007);
    ASSERT_TRUE(p.send());
    auto media = p.server.events_of<Media>();
    ASSERT_EQ(media.size(), 2U);
    EXPECT_EQ(media[1].dts - media[0].dts, 23ms);
}

TEST(Session, TimestampsThatJumpAreReportedAsTheyAre) {
    Published p;
    p.client.aac_configuration().aac_frame(5000).aac_frame(100).aac_frame(36'000'000);
    ASSERT_TRUE(p.send());
    auto media = p.server.events_of<Media>();
    ASSERT_EQ(media.size(), 3U);
    EXPECT_EQ(media[1].dts, 100ms);
    EXPECT_EQ(media[2].dts, 10h);
}

TEST(Session, APublicationEndsOnceAndMayBeginAgain) {
    Published p;
    p.client.command(0, "FCUnpublish", 6, amf::Null{}, {"cam1"}).command(0, "deleteStream", 7, amf::Null{}, {1.0});
    ASSERT_TRUE(p.send());
    EXPECT_EQ(p.server.events_of<Unpublished>().size(), 1U);
    EXPECT_FALSE(p.server.session.publishing());
    EXPECT_FALSE(p.server.session.finished());

    p.client.create_stream().command(2, "publish", 9, amf::Null{}, {"cam2", "live"});
    ASSERT_TRUE(p.send());
    EXPECT_EQ(p.server.events_of<PublishRequested>().size(), 2U);
    EXPECT_TRUE(p.server.session.publishing());
    p.server.session.disconnected();
    p.server.drain();
    EXPECT_EQ(p.server.events_of<Unpublished>().size(), 2U);
    ASSERT_TRUE(closed(p.server));
    EXPECT_FALSE(closed(p.server)->why);
}

TEST(Session, ASecondPublicationOnOneConnectionIsRefusedAndTheFirstGoesOn) {
    Published p;
    p.client.create_stream().command(2, "publish", 9, amf::Null{}, {"cam2", "live"}).aac_configuration().aac_frame(0);
    ASSERT_TRUE(p.send());
    EXPECT_EQ(answered_commands(p.server.output).back(), "onStatus 0 NetStream.Publish.BadName");
    EXPECT_EQ(p.server.events_of<Media>().size(), 1U);
}

TEST(Session, WhatComesBeforeTheDecisionBecomesEventsAfterIt) {
    Server server;
    server.accepts = false;
    Client client;
    client.begin().aac_configuration().aac_frame(0);
    ASSERT_TRUE(server.receive(client.take()));
    ASSERT_TRUE(server.receive(client.aac_frame(23).take()));
    EXPECT_TRUE(server.events_of<Media>().empty());
    EXPECT_EQ(server.session.deadline(), kNever) << "the silence is ours";
    server.session.accept(server.now);
    server.drain();
    EXPECT_EQ(server.events_of<Media>().size(), 2U);
    EXPECT_EQ(server.session.buffered(), 0U);
}

TEST(Session, WhatComesBeforeTheDecisionIsBounded) {
    Server server;
    server.accepts = false;
    ASSERT_TRUE(server.receive(publishing()));
    Bytes megabyte(1 << 20, 0);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(server.receive(megabyte));
    auto more = server.receive(Bytes(1));
    ASSERT_FALSE(more);
    EXPECT_THAT(more.error().what, HasSubstr("without waiting for the answer"));
    EXPECT_TRUE(server.session.finished());
    EXPECT_EQ(server.session.buffered(), 0U);
}

TEST(Session, AcknowledgesEveryWindow) {
    Published p;
    p.client.number(MessageType::window_acknowledgement_size, 10'000).aac_configuration();
    ASSERT_TRUE(p.send());
    p.server.output.clear();
    for (int i = 0; i < 30; ++i) {
        p.client.audio(0, Bytes(1000, 0xaf));
        ASSERT_TRUE(p.send());
    }
    // 31 kB went by: three acknowledgements, of 12 bytes of header and 4 of number.
    ASSERT_EQ(p.server.output.size(), 3U * 16);
    EXPECT_EQ(p.server.output[7], static_cast<std::uint8_t>(MessageType::acknowledgement));
}

TEST(Session, AnswersAPingWithItsTimestamp) {
    Published p;
    p.server.output.clear();
    p.client.message(2, {MessageType::user_control, 0, 0, unhex("0006 00001234")});
    p.client.message(2,
                     {MessageType::user_control, 0, 0, unhex("0003 00000001 00000bb8")});  // buffer length: no answer
    ASSERT_TRUE(p.send());
    EXPECT_EQ(test::hex(p.server.output), "020000000000060400000000000700001234");
}

TEST(Session, UnknownMessagesAreLeftAlone) {
    Published p;
    p.client.message(7, {static_cast<MessageType>(19), 0, 0, Bytes(100)});
    p.client.message(7, {static_cast<MessageType>(200), 0, 1, Bytes(100)}).aac_configuration().aac_frame(0);
    ASSERT_TRUE(p.send());
    EXPECT_EQ(p.server.events_of<Media>().size(), 1U);
}

// Deadlines.

TEST(Session, TheHandshakeHasTenSeconds) {
    Server server;
    EXPECT_EQ(server.session.deadline(), TimePoint(10s));
    server.now = TimePoint(9s);
    ASSERT_TRUE(server.receive(unhex("03 00")));
    EXPECT_EQ(server.session.deadline(), TimePoint(10s)) << "a dripping peer gains nothing";
    EXPECT_TRUE(server.session.tick(TimePoint(9999ms)));
    auto late = server.session.tick(TimePoint(10s));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().fault, Fault::peer_gone);
    EXPECT_THAT(late.error().what, HasSubstr("handshake"));
    EXPECT_TRUE(server.session.finished());
    EXPECT_EQ(server.session.deadline(), kNever);
}

TEST(Session, AnIdlePublisherHasThirtySeconds) {
    Published p;
    EXPECT_EQ(p.server.session.deadline(), TimePoint(30s));
    p.server.now = TimePoint(20s);
    p.client.aac_configuration().aac_frame(0);
    ASSERT_TRUE(p.send());
    EXPECT_EQ(p.server.session.deadline(), TimePoint(50s));
    ASSERT_TRUE(p.server.session.tick(TimePoint(49s)));
    ASSERT_FALSE(p.server.session.tick(TimePoint(50s)));
    p.server.drain();
    EXPECT_THAT(p.server.story(), Contains("unpublished"));
    EXPECT_EQ(p.server.story().back(), "closed: idle for too long");
}

TEST(Session, AnOwnerThatStopsReadingIsNotThePeersFault) {
    Published p;
    p.server.session.pause(TimePoint(10s));
    EXPECT_EQ(p.server.session.deadline(), kNever);
    p.server.session.resume(TimePoint(100s));
    EXPECT_EQ(p.server.session.deadline(), TimePoint(130s));
}

// Two million bytes a second that never become anything: it costs no memory, and ends as silence does.
struct Idle {
    const char* name;
    Bytes bytes;
    bool repeated;  // or sent once, then zeros that it swallows
};
class IdleBytes : public testing::TestWithParam<Idle> {};
TEST_P(IdleBytes, EndAsSilenceDoes) {
    Published p;
    const Idle& idle = GetParam();
    ASSERT_TRUE(p.server.receive(idle.bytes));
    Bytes second;
    while (idle.repeated && second.size() < 2'000'000)
        second.insert(second.end(), idle.bytes.begin(), idle.bytes.end());
    for (int s : {1, 15, 29}) {  // three of the seconds stand for all
        p.server.now = TimePoint(std::chrono::seconds(s));
        ASSERT_TRUE(p.server.session.tick(p.server.now));
        if (!second.empty()) {
            ASSERT_TRUE(p.server.receive(second)) << s;
        }
        ASSERT_LE(p.server.session.buffered(), Limits{}.max_input);
    }
    EXPECT_LT(p.server.events.size(), 10U);
    EXPECT_FALSE(p.server.session.tick(TimePoint(30s)));
}
INSTANTIATE_TEST_SUITE_P(
    Table, IdleBytes,
    testing::Values(
        Idle{"empty_messages", unhex("06 000000 000000 09 01000000"), true},
        Idle{"aborted_messages",
             unhex("06 000000 000081 09 01000000") + Bytes(128) + unhex("02 000000 000004 02 00000000 00000006"), true},
        Idle{"acknowledgements", unhex("02 000000 000004 03 00000000 00000006"), true},
        Idle{"unknown_messages", unhex("06 000000 000080 c8 01000000") + Bytes(128), true}, Idle{"nothing", {}, false}),
    [](const auto& info) { return std::string(info.param.name); });

// Bad input: the error says what it was, the session ends, and says so to its owner.
struct Bad {
    const char* name;
    Bytes bytes;
    const char* says;
};

Bytes command_of(const Bytes& amf) {
    return Client().message(3, {MessageType::command_amf0, 0, 0, amf}).take();
}
Bytes nested(std::size_t levels) {
    Bytes amf = unhex("02 0001 61 00 0000000000000000");
    for (std::size_t i = 0; i < levels; ++i) amf = std::move(amf) + unhex("03 0001 61");
    return amf;
}
Bytes promises() {
    Bytes flood;
    for (std::uint8_t id = 8; id < 60; ++id) {
        Bytes head{id, 0, 0, 0, 0x02, 0, 0, 9, 1, 0, 0, 0};
        flood.insert(flood.end(), head.begin(), head.end());
        flood.insert(flood.end(), 128, 0);
    }
    return flood;
}

class BadInput : public testing::TestWithParam<Bad> {};
TEST_P(BadInput, EndsTheSessionWithTheReason) {
    Published p;
    auto received = p.server.receive(GetParam().bytes);
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().fault, Fault::bad_input);
    EXPECT_THAT(received.error().what, HasSubstr(GetParam().says));
    EXPECT_TRUE(p.server.session.finished());
    EXPECT_EQ(p.server.events_of<Unpublished>().size(), 1U);
    ASSERT_TRUE(closed(p.server));
    EXPECT_EQ(closed(p.server)->why->what, received.error().what);
    EXPECT_TRUE(p.server.receive(publishing())) << "what comes after the end is nobody's";
    EXPECT_EQ(p.server.events_of<Closed>().size(), 1U);
}
INSTANTIATE_TEST_SUITE_P(
    Table, BadInput,
    testing::Values(
        Bad{"chunk_size_0", Client().number(MessageType::set_chunk_size, 0).take(), "chunk size 0"},
        Bad{"chunk_size_2_31", Client().number(MessageType::set_chunk_size, 0x80000000).take(),
            "chunk size 2147483648"},
        Bad{"short_control", Client().message(2, {MessageType::set_chunk_size, 0, 0, Bytes(3)}).take(), "cut off"},
        Bad{"nested_amf", command_of(nested(10'000)), "nested too deep"},
        Bad{"nested_metadata", Client().message(4, {MessageType::data_amf0, 0, 1, nested(10'000)}).take(), "nested"},
        Bad{"long_string", command_of(unhex("02 ffff 61")), "longer than its message"},
        Bad{"long_key", command_of(unhex("02 0001 61 00 0000000000000000 03 fff0 61")), "longer than its message"},
        Bad{"huge_message", unhex("06 000000 ffffff 09 01000000"), "in assembly"},
        Bad{"promises", promises(), "in assembly"},
        Bad{"headless_chunk", unhex("f0"), "begins without a message header"},
        Bad{"short_video", Client().video(0, unhex("17 01")).take(), "publishing live/cam1: video message is cut off"},
        Bad{"short_aggregate", Client().message(4, {MessageType::aggregate, 0, 1, Bytes(5)}).take(), "aggregate"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Session, GarbageInsteadOfAHandshakeEndsItAtTheFirstByte) {
    Server server;
    auto received = server.receive(as_bytes("GET / HTTP/1.1\r\n\r\n"));
    ASSERT_FALSE(received);
    EXPECT_THAT(received.error().what, HasSubstr("HTTP"));
    EXPECT_TRUE(server.output.empty());
    EXPECT_TRUE(server.session.finished());
}

TEST(Session, GarbageAfterTheHandshakeEndsIt) {
    Server server;
    Bytes garbage = Client().handshake().take();
    for (int i = 0; i < 100'000; ++i) garbage.push_back(static_cast<std::uint8_t>(i * 131 + (i >> 3)));
    EXPECT_FALSE(server.receive(garbage));
    EXPECT_TRUE(server.session.finished());
}

TEST(Session, CommandsBeforeConnectEndIt) {
    Server server;
    auto received = server.receive(Client().handshake().create_stream().take());
    ASSERT_FALSE(received);
    EXPECT_THAT(received.error().what, HasSubstr("'createStream' before connect"));
}

TEST(Session, OpenStreamsAreBounded) {
    Server server;
    Client client;
    client.handshake().connect("live");
    for (int i = 0; i < 100; ++i) client.create_stream();
    ASSERT_TRUE(server.receive(client.take()));
    EXPECT_EQ(answered_commands(server.output).back(), "_error 4 NetConnection.Call.Failed");
}

TEST(Session, NumbersThatAreNoStreamAreIgnored) {
    Published p;
    for (double number : {-1.0, 1e300, std::numeric_limits<double>::quiet_NaN()})
        p.client.command(0, "deleteStream", 0, amf::Null{}, {number});
    p.client.command(0, "deleteStream", 0);
    ASSERT_TRUE(p.send());
    EXPECT_TRUE(p.server.session.publishing());
}

// The whole life of a publisher, cut anywhere.

Bytes whole_life() {
    Client client;
    client.begin("live", "cam1?token=x").data({"@setDataFrame", "onMetaData", amf::Object{{"width", 160.0}}});
    client.number(MessageType::set_chunk_size, 60).h264_configuration().aac_configuration();
    client.h264_frame(0x00fffff0, true, 66).aac_frame(0x00fffff4).h264_frame(0x01000011, false).aac_frame(0x0100000b);
    client.message(2, {MessageType::user_control, 0, 0, unhex("0006 00001234")});
    client.command(0, "FCUnpublish", 6, amf::Null{}, {"cam1"}).command(0, "deleteStream", 7, amf::Null{}, {1.0});
    return client.take();
}

TEST(Session, IsTheSameHoweverItsBytesAreCut) {
    const Bytes bytes = whole_life();
    Server whole;
    ASSERT_TRUE(whole.receive(bytes));
    const auto story = whole.story();
    ASSERT_EQ(whole.events_of<Media>().size(), 4U);
    ASSERT_EQ(whole.events_of<Unpublished>().size(), 1U);

    for (std::size_t cut = 0; cut <= bytes.size(); cut += millrace::test::kEvery) {
        Server server;
        ASSERT_TRUE(server.receive(ByteView(bytes).first(cut)));
        ASSERT_TRUE(server.receive(ByteView(bytes).subspan(cut)));
        ASSERT_EQ(server.story(), story) << "cut at " << cut;
        ASSERT_EQ(server.output, whole.output) << "cut at " << cut;
    }
    Server bytewise;
    for (std::uint8_t byte : bytes) ASSERT_TRUE(bytewise.receive(ByteView(&byte, 1)));
    EXPECT_EQ(bytewise.story(), story);
}

TEST(Session, AConnectionMayBeCutAnywhere) {
    const Bytes bytes = whole_life();
    for (std::size_t end = 0; end <= bytes.size(); ++end) {
        Server server;
        ASSERT_TRUE(server.receive(ByteView(bytes).first(end)));
        bool published = server.session.publishing();
        std::size_t ended = server.events_of<Unpublished>().size();
        server.session.disconnected();
        server.drain();
        ASSERT_EQ(server.events_of<Unpublished>().size(), ended + (published ? 1 : 0)) << "cut at " << end;
        ASSERT_TRUE(closed(server));
        EXPECT_FALSE(closed(server)->why);
    }
}

}  // namespace
}  // namespace millrace::rtmp
