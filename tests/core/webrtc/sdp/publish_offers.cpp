// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/core/webrtc/sdp/publish_offers.hpp"

#include <string_view>

namespace millrace::webrtc::test {

namespace {

constexpr std::string_view kChromium = R"(v=0
o=- 2818617552176032142 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS 37f35eda-3ce2-4a9c-9f93-554e70f04b35
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:he1k
a=ice-pwd:5uZ+VE2J/p/WycDVlU06BxGQ
a=ice-options:trickle
a=fingerprint:sha-256 36:0E:07:56:A8:79:24:F2:90:01:2C:31:47:46:B2:67:57:2C:6B:A5:C0:03:46:08:67:28:A5:A6:B3:4A:27:FB
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendonly
a=msid:37f35eda-3ce2-4a9c-9f93-554e70f04b35 2add7248-dba1-4aa6-8544-b5f2f8a211f9
a=rtcp-mux
a=rtcp-rsize
a=rtcp-xr:rcvr-rtt=all
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
a=ssrc:1637340226 cname:mQp9jRQ4lm5gdGLK
a=ssrc:1637340226 msid:37f35eda-3ce2-4a9c-9f93-554e70f04b35 2add7248-dba1-4aa6-8544-b5f2f8a211f9
m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 104 107 108 109 114 115 116 117 39 40 45 46 98 99 100 101 118 119 120
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:he1k
a=ice-pwd:5uZ+VE2J/p/WycDVlU06BxGQ
a=ice-options:trickle
a=fingerprint:sha-256 36:0E:07:56:A8:79:24:F2:90:01:2C:31:47:46:B2:67:57:2C:6B:A5:C0:03:46:08:67:28:A5:A6:B3:4A:27:FB
a=setup:actpass
a=mid:1
a=extmap:14 urn:ietf:params:rtp-hdrext:toffset
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:13 urn:3gpp:video-orientation
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
a=extmap:6 http://www.webrtc.org/experiments/rtp-hdrext/video-content-type
a=extmap:7 http://www.webrtc.org/experiments/rtp-hdrext/video-timing
a=extmap:8 http://www.webrtc.org/experiments/rtp-hdrext/color-space
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
a=sendonly
a=msid:37f35eda-3ce2-4a9c-9f93-554e70f04b35 34511cc6-02df-4a3e-bfb3-5924b36aa5e1
a=rtcp-mux
a=rtcp-rsize
a=rtcp-xr:rcvr-rtt=all
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 goog-remb
a=rtcp-fb:96 transport-cc
a=rtcp-fb:96 ccm fir
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:102 H264/90000
a=rtcp-fb:102 goog-remb
a=rtcp-fb:102 transport-cc
a=rtcp-fb:102 ccm fir
a=rtcp-fb:102 nack
a=rtcp-fb:102 nack pli
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=102
a=rtpmap:104 H264/90000
a=rtcp-fb:104 goog-remb
a=rtcp-fb:104 transport-cc
a=rtcp-fb:104 ccm fir
a=rtcp-fb:104 nack
a=rtcp-fb:104 nack pli
a=fmtp:104 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f
a=rtpmap:107 rtx/90000
a=fmtp:107 apt=104
a=rtpmap:108 H264/90000
a=rtcp-fb:108 goog-remb
a=rtcp-fb:108 transport-cc
a=rtcp-fb:108 ccm fir
a=rtcp-fb:108 nack
a=rtcp-fb:108 nack pli
a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:109 rtx/90000
a=fmtp:109 apt=108
a=rtpmap:114 H264/90000
a=rtcp-fb:114 goog-remb
a=rtcp-fb:114 transport-cc
a=rtcp-fb:114 ccm fir
a=rtcp-fb:114 nack
a=rtcp-fb:114 nack pli
a=fmtp:114 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f
a=rtpmap:115 rtx/90000
a=fmtp:115 apt=114
a=rtpmap:116 H264/90000
a=rtcp-fb:116 goog-remb
a=rtcp-fb:116 transport-cc
a=rtcp-fb:116 ccm fir
a=rtcp-fb:116 nack
a=rtcp-fb:116 nack pli
a=fmtp:116 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f
a=rtpmap:117 rtx/90000
a=fmtp:117 apt=116
a=rtpmap:39 H264/90000
a=rtcp-fb:39 goog-remb
a=rtcp-fb:39 transport-cc
a=rtcp-fb:39 ccm fir
a=rtcp-fb:39 nack
a=rtcp-fb:39 nack pli
a=fmtp:39 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=4d001f
a=rtpmap:40 rtx/90000
a=fmtp:40 apt=39
a=rtpmap:45 AV1/90000
a=rtcp-fb:45 goog-remb
a=rtcp-fb:45 transport-cc
a=rtcp-fb:45 ccm fir
a=rtcp-fb:45 nack
a=rtcp-fb:45 nack pli
a=fmtp:45 level-idx=5;profile=0;tier=0
a=rtpmap:46 rtx/90000
a=fmtp:46 apt=45
a=rtpmap:98 VP9/90000
a=rtcp-fb:98 goog-remb
a=rtcp-fb:98 transport-cc
a=rtcp-fb:98 ccm fir
a=rtcp-fb:98 nack
a=rtcp-fb:98 nack pli
a=fmtp:98 profile-id=0
a=rtpmap:99 rtx/90000
a=fmtp:99 apt=98
a=rtpmap:100 VP9/90000
a=rtcp-fb:100 goog-remb
a=rtcp-fb:100 transport-cc
a=rtcp-fb:100 ccm fir
a=rtcp-fb:100 nack
a=rtcp-fb:100 nack pli
a=fmtp:100 profile-id=2
a=rtpmap:101 rtx/90000
a=fmtp:101 apt=100
a=rtpmap:118 red/90000
a=rtpmap:119 rtx/90000
a=fmtp:119 apt=118
a=rtpmap:120 ulpfec/90000
a=ssrc-group:FID 1757772458 3436184255
a=ssrc:1757772458 cname:mQp9jRQ4lm5gdGLK
a=ssrc:1757772458 msid:37f35eda-3ce2-4a9c-9f93-554e70f04b35 34511cc6-02df-4a3e-bfb3-5924b36aa5e1
a=ssrc:3436184255 cname:mQp9jRQ4lm5gdGLK
a=ssrc:3436184255 msid:37f35eda-3ce2-4a9c-9f93-554e70f04b35 34511cc6-02df-4a3e-bfb3-5924b36aa5e1
)";

constexpr std::string_view kSimulcast = R"(v=0
o=- 2003950323121769994 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS 5e608e6c-be4f-4b92-b5e2-06576686c27c
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:obTz
a=ice-pwd:kBAl5/Po+5YeP3ht0eThglGn
a=ice-options:trickle
a=fingerprint:sha-256 F5:6F:1C:05:14:F4:5F:44:26:A3:1F:1E:C1:4D:1B:E6:FC:9C:D2:20:35:1D:AF:2F:8D:AD:56:63:49:12:60:5F
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendonly
a=msid:5e608e6c-be4f-4b92-b5e2-06576686c27c 5f6eabd7-8a01-4d6a-ba88-b46589389f79
a=rtcp-mux
a=rtcp-rsize
a=rtcp-xr:rcvr-rtt=all
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
a=ssrc:1819791400 cname:S1GudcbEJYNIY5f0
a=ssrc:1819791400 msid:5e608e6c-be4f-4b92-b5e2-06576686c27c 5f6eabd7-8a01-4d6a-ba88-b46589389f79
m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 104 107 108 109 114 115 116 117 39 40 45 46 98 99 100 101 118 119 120
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:obTz
a=ice-pwd:kBAl5/Po+5YeP3ht0eThglGn
a=ice-options:trickle
a=fingerprint:sha-256 F5:6F:1C:05:14:F4:5F:44:26:A3:1F:1E:C1:4D:1B:E6:FC:9C:D2:20:35:1D:AF:2F:8D:AD:56:63:49:12:60:5F
a=setup:actpass
a=mid:1
a=extmap:14 urn:ietf:params:rtp-hdrext:toffset
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:13 urn:3gpp:video-orientation
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
a=extmap:6 http://www.webrtc.org/experiments/rtp-hdrext/video-content-type
a=extmap:7 http://www.webrtc.org/experiments/rtp-hdrext/video-timing
a=extmap:8 http://www.webrtc.org/experiments/rtp-hdrext/color-space
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
a=extmap:12 https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension
a=extmap:9 http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00
a=sendonly
a=msid:5e608e6c-be4f-4b92-b5e2-06576686c27c 44b9cde1-17fb-4410-8f4b-cdd1a01a6c95
a=rtcp-mux
a=rtcp-rsize
a=rtcp-xr:rcvr-rtt=all
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 goog-remb
a=rtcp-fb:96 transport-cc
a=rtcp-fb:96 ccm fir
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:102 H264/90000
a=rtcp-fb:102 goog-remb
a=rtcp-fb:102 transport-cc
a=rtcp-fb:102 ccm fir
a=rtcp-fb:102 nack
a=rtcp-fb:102 nack pli
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=102
a=rtpmap:104 H264/90000
a=rtcp-fb:104 goog-remb
a=rtcp-fb:104 transport-cc
a=rtcp-fb:104 ccm fir
a=rtcp-fb:104 nack
a=rtcp-fb:104 nack pli
a=fmtp:104 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f
a=rtpmap:107 rtx/90000
a=fmtp:107 apt=104
a=rtpmap:108 H264/90000
a=rtcp-fb:108 goog-remb
a=rtcp-fb:108 transport-cc
a=rtcp-fb:108 ccm fir
a=rtcp-fb:108 nack
a=rtcp-fb:108 nack pli
a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:109 rtx/90000
a=fmtp:109 apt=108
a=rtpmap:114 H264/90000
a=rtcp-fb:114 goog-remb
a=rtcp-fb:114 transport-cc
a=rtcp-fb:114 ccm fir
a=rtcp-fb:114 nack
a=rtcp-fb:114 nack pli
a=fmtp:114 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f
a=rtpmap:115 rtx/90000
a=fmtp:115 apt=114
a=rtpmap:116 H264/90000
a=rtcp-fb:116 goog-remb
a=rtcp-fb:116 transport-cc
a=rtcp-fb:116 ccm fir
a=rtcp-fb:116 nack
a=rtcp-fb:116 nack pli
a=fmtp:116 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f
a=rtpmap:117 rtx/90000
a=fmtp:117 apt=116
a=rtpmap:39 H264/90000
a=rtcp-fb:39 goog-remb
a=rtcp-fb:39 transport-cc
a=rtcp-fb:39 ccm fir
a=rtcp-fb:39 nack
a=rtcp-fb:39 nack pli
a=fmtp:39 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=4d001f
a=rtpmap:40 rtx/90000
a=fmtp:40 apt=39
a=rtpmap:45 AV1/90000
a=rtcp-fb:45 goog-remb
a=rtcp-fb:45 transport-cc
a=rtcp-fb:45 ccm fir
a=rtcp-fb:45 nack
a=rtcp-fb:45 nack pli
a=fmtp:45 level-idx=5;profile=0;tier=0
a=rtpmap:46 rtx/90000
a=fmtp:46 apt=45
a=rtpmap:98 VP9/90000
a=rtcp-fb:98 goog-remb
a=rtcp-fb:98 transport-cc
a=rtcp-fb:98 ccm fir
a=rtcp-fb:98 nack
a=rtcp-fb:98 nack pli
a=fmtp:98 profile-id=0
a=rtpmap:99 rtx/90000
a=fmtp:99 apt=98
a=rtpmap:100 VP9/90000
a=rtcp-fb:100 goog-remb
a=rtcp-fb:100 transport-cc
a=rtcp-fb:100 ccm fir
a=rtcp-fb:100 nack
a=rtcp-fb:100 nack pli
a=fmtp:100 profile-id=2
a=rtpmap:101 rtx/90000
a=fmtp:101 apt=100
a=rtpmap:118 red/90000
a=rtpmap:119 rtx/90000
a=fmtp:119 apt=118
a=rtpmap:120 ulpfec/90000
a=rid:q send
a=rid:h send
a=rid:f send
a=simulcast:send q;~h;f
)";

constexpr std::string_view kWebrtcbin = R"(v=0
o=- 359570476397103206 0 IN IP4 0.0.0.0
s=-
t=0 0
a=ice-options:trickle
a=group:BUNDLE video0 audio1
m=video 9 UDP/TLS/RTP/SAVPF 96 98
c=IN IP4 0.0.0.0
a=setup:actpass
a=ice-ufrag:WU554yqIxWRFgSR5OdUVSmNlKUlni0FY
a=ice-pwd:LVnM6nZVS4W/DTh4lxovgKiQqqKFsJBm
a=rtcp-mux
a=rtcp-rsize
a=sendonly
a=rtpmap:96 H264/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtcp-fb:96 ccm fir
a=rtcp-fb:96 transport-cc
a=framerate:30
a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAFdkBQfsBagwMDUoAAAMAAgAAAwB5HixckA==,aMuMsg==;profile-level-id=42c015;level-asymmetry-allowed=1
a=rtpmap:98 rtx/90000
a=fmtp:98 apt=96
a=ssrc-group:FID 3158640206 3654368148
a=ssrc:3158640206 msid:user1@host-1 webrtctransceiver0
a=ssrc:3158640206 cname:user1@host-1
a=ssrc:3654368148 msid:user1@host-1 webrtctransceiver0
a=ssrc:3654368148 cname:user1@host-1
a=mid:video0
a=fingerprint:sha-256 58:5B:21:2F:AE:E4:F2:D0:7C:F6:4B:78:B6:04:50:51:91:42:77:87:4D:8D:61:EC:11:1D:F4:38:BC:B5:84:75
a=rtcp-mux-only
m=audio 0 UDP/TLS/RTP/SAVPF 97 99
c=IN IP4 0.0.0.0
a=setup:actpass
a=ice-ufrag:WU554yqIxWRFgSR5OdUVSmNlKUlni0FY
a=ice-pwd:LVnM6nZVS4W/DTh4lxovgKiQqqKFsJBm
a=bundle-only
a=rtcp-mux
a=rtcp-rsize
a=sendonly
a=rtpmap:97 OPUS/48000/2
a=rtcp-fb:97 nack
a=rtcp-fb:97 transport-cc
a=fmtp:97 sprop-stereo=0;sprop-maxcapturerate=48000
a=rtpmap:99 rtx/48000
a=fmtp:99 apt=97
a=ssrc-group:FID 2020585446 953198025
a=ssrc:2020585446 msid:user1@host-1 webrtctransceiver1
a=ssrc:2020585446 cname:user1@host-1
a=ssrc:953198025 msid:user1@host-1 webrtctransceiver1
a=ssrc:953198025 cname:user1@host-1
a=mid:audio1
a=fingerprint:sha-256 58:5B:21:2F:AE:E4:F2:D0:7C:F6:4B:78:B6:04:50:51:91:42:77:87:4D:8D:61:EC:11:1D:F4:38:BC:B5:84:75
a=rtcp-mux-only
)";

constexpr std::string_view kAiortc = R"(v=0
o=- 4004799388 4004799388 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0 1
a=msid-semantic:WMS *
m=audio 41124 UDP/TLS/RTP/SAVPF 96 9 0 8
c=IN IP4 192.0.2.7
a=sendonly
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=mid:0
a=msid:97bed1b6-73ff-4721-b7f9-afee6d785d42 774d903c-18b6-435e-9281-1b05fc78a15f
a=rtcp:9 IN IP4 0.0.0.0
a=rtcp-mux
a=ssrc:2142241335 cname:28cbabcb-7556-49c6-b245-a50d270c1ffc
a=rtpmap:96 opus/48000/2
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=end-of-candidates
a=ice-ufrag:AWZf
a=ice-pwd:yAWxRhPzDenNrRU6X2P01V
a=fingerprint:sha-256 26:0D:5A:8C:2D:41:C0:58:91:74:43:B1:7B:EA:16:B6:3B:84:7B:32:16:36:76:B9:D5:3C:44:74:D1:42:55:7A
a=fingerprint:sha-384 EA:71:1D:60:11:83:E1:46:2C:63:55:07:00:28:50:B5:4C:B7:46:B2:96:10:11:F0:FD:83:56:D3:32:8A:12:CE:25:CC:3F:74:6A:30:0F:92:0A:1E:82:B4:AD:89:E1:62
a=fingerprint:sha-512 FA:EF:5D:ED:C1:D6:E9:49:3E:47:88:63:94:80:4C:09:B5:53:E3:7F:D0:AC:E8:80:3A:F8:33:2A:F3:48:A0:E4:F3:74:CE:97:FC:BB:37:1F:BF:A6:1A:8F:00:B4:18:86:A5:66:A6:4E:4F:B1:F2:D0:FE:EC:20:7F:C2:05:87:E7
a=setup:actpass
m=video 39647 UDP/TLS/RTP/SAVPF 97 98 99 100 101 102
c=IN IP4 192.0.2.7
a=sendonly
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=mid:1
a=msid:97bed1b6-73ff-4721-b7f9-afee6d785d42 7e2469db-5a67-4aff-9830-ea813505ddea
a=rtcp:9 IN IP4 0.0.0.0
a=rtcp-mux
a=ssrc-group:FID 1911063403 4200528211
a=ssrc:1911063403 cname:28cbabcb-7556-49c6-b245-a50d270c1ffc
a=ssrc:4200528211 cname:28cbabcb-7556-49c6-b245-a50d270c1ffc
a=rtpmap:97 VP8/90000
a=rtcp-fb:97 nack
a=rtcp-fb:97 nack pli
a=rtcp-fb:97 goog-remb
a=rtpmap:98 rtx/90000
a=fmtp:98 apt=97
a=rtpmap:99 H264/90000
a=rtcp-fb:99 nack
a=rtcp-fb:99 nack pli
a=rtcp-fb:99 goog-remb
a=fmtp:99 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
a=rtpmap:100 rtx/90000
a=fmtp:100 apt=99
a=rtpmap:101 H264/90000
a=rtcp-fb:101 nack
a=rtcp-fb:101 nack pli
a=rtcp-fb:101 goog-remb
a=fmtp:101 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:102 rtx/90000
a=fmtp:102 apt=101
a=end-of-candidates
a=ice-ufrag:AWZf
a=ice-pwd:yAWxRhPzDenNrRU6X2P01V
a=fingerprint:sha-256 26:0D:5A:8C:2D:41:C0:58:91:74:43:B1:7B:EA:16:B6:3B:84:7B:32:16:36:76:B9:D5:3C:44:74:D1:42:55:7A
a=fingerprint:sha-384 EA:71:1D:60:11:83:E1:46:2C:63:55:07:00:28:50:B5:4C:B7:46:B2:96:10:11:F0:FD:83:56:D3:32:8A:12:CE:25:CC:3F:74:6A:30:0F:92:0A:1E:82:B4:AD:89:E1:62
a=fingerprint:sha-512 FA:EF:5D:ED:C1:D6:E9:49:3E:47:88:63:94:80:4C:09:B5:53:E3:7F:D0:AC:E8:80:3A:F8:33:2A:F3:48:A0:E4:F3:74:CE:97:FC:BB:37:1F:BF:A6:1A:8F:00:B4:18:86:A5:66:A6:4E:4F:B1:F2:D0:FE:EC:20:7F:C2:05:87:E7
a=setup:actpass
)";

constexpr std::string_view kObs = R"(v=0
o=rtc 3163544789 0 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=group:LS 0 1
a=msid-semantic:WMS *
a=setup:actpass
a=ice-ufrag:2Wvz
a=ice-pwd:sFvQxBHRuNVoeUBYmVUSlH
a=ice-options:ice2,trickle
a=fingerprint:sha-256 1A:2B:3C:4D:5E:6F:70:81:92:A3:B4:C5:D6:E7:F8:09:1A:2B:3C:4D:5E:6F:70:81:92:A3:B4:C5:D6:E7:F8:09
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=mid:0
a=sendonly
a=ssrc:2724817378 cname:4zhDtRxMBC0Ql5x2
a=ssrc:2724817378 msid:aXt1r1RZzLpjYU0u aXt1r1RZzLpjYU0u-audio
a=msid:aXt1r1RZzLpjYU0u aXt1r1RZzLpjYU0u-audio
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=mid:1
a=sendonly
a=ssrc:2724817379 cname:4zhDtRxMBC0Ql5x2
a=ssrc:2724817379 msid:aXt1r1RZzLpjYU0u aXt1r1RZzLpjYU0u-video
a=msid:aXt1r1RZzLpjYU0u aXt1r1RZzLpjYU0u-video
a=rtcp-mux
a=rtpmap:96 H264/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtcp-fb:96 goog-remb
a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1
)";

constexpr std::string_view kFfmpeg = R"(v=0
o=FFmpeg 4489045141692799359 2 IN IP4 127.0.0.1
s=FFmpegPublishSession
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=ice-ufrag:3c5e8f90
a=ice-pwd:0a1b2c3d4e5f60718293a4b5c6d7e8f9
a=fingerprint:sha-256 A1:B2:C3:D4:E5:F6:07:18:29:3A:4B:5C:6D:7E:8F:90:A1:B2:C3:D4:E5:F6:07:18:29:3A:4B:5C:6D:7E:8F:90
a=setup:active
a=mid:0
a=sendonly
a=msid:FFmpeg audio
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=ssrc:1234567 cname:FFmpeg
a=ssrc:1234567 msid:FFmpeg audio
m=video 9 UDP/TLS/RTP/SAVPF 106 105
c=IN IP4 0.0.0.0
a=ice-ufrag:3c5e8f90
a=ice-pwd:0a1b2c3d4e5f60718293a4b5c6d7e8f9
a=fingerprint:sha-256 A1:B2:C3:D4:E5:F6:07:18:29:3A:4B:5C:6D:7E:8F:90:A1:B2:C3:D4:E5:F6:07:18:29:3A:4B:5C:6D:7E:8F:90
a=setup:active
a=mid:1
a=sendonly
a=msid:FFmpeg video
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:106 H264/90000
a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42c028
a=rtcp-fb:106 nack
a=rtpmap:105 rtx/90000
a=fmtp:105 apt=106
a=ssrc-group:FID 7654321 7654322
a=ssrc:7654321 cname:FFmpeg
a=ssrc:7654321 msid:FFmpeg video
)";

}  // namespace

std::string chromium_publish_offer() {
    return with_crlf(kChromium);
}
std::string chromium_simulcast_offer() {
    return with_crlf(kSimulcast);
}
std::string webrtcbin_publish_offer() {
    return with_crlf(kWebrtcbin);
}
std::string aiortc_publish_offer() {
    return with_crlf(kAiortc);
}
std::string obs_publish_offer() {
    return with_crlf(kObs);
}
std::string ffmpeg_publish_offer() {
    return with_crlf(kFfmpeg);
}

}  // namespace millrace::webrtc::test
