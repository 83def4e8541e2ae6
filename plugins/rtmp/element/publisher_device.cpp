// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/element/publisher_device.hpp"

#include <map>
#include <memory>
#include <string>

#include "common/gst/element.hpp"
#include "common/gst/ref.hpp"
#include "common/net/process_defaults.hpp"
#include "rtmp/element/listener.hpp"
#include "rtmp/element/publisher_structure.hpp"

GST_DEBUG_CATEGORY_STATIC(millrtmpdevice_debug);
#define GST_CAT_DEFAULT millrtmpdevice_debug

using namespace millrace;

namespace {

constexpr const char* kDeviceClass = "Source/Network/Publisher";

struct WaitingPublisher {
    explicit WaitingPublisher(GstDevice*) {}
    std::weak_ptr<rtmp::Listener> listener;
    std::string path;
};

class Finder;

struct Provider {
    explicit Provider(GstDeviceProvider* provider) : self(provider) {}
    GstDeviceProvider* const self;
    std::shared_ptr<rtmp::Listener> listener;  // from start to stop
    std::shared_ptr<Finder> finder;
};

}  // namespace

MILL_DEFINE_TYPE(MillRtmpPublisherDevice, mill_rtmp_publisher_device, GST_TYPE_DEVICE, GstDevice, WaitingPublisher)
MILL_DEFINE_TYPE(MillRtmpDeviceProvider, mill_rtmp_device_provider, GST_TYPE_DEVICE_PROVIDER, GstDeviceProvider,
                 Provider)
GST_DEVICE_PROVIDER_REGISTER_DEFINE(millrtmpdeviceprovider, "millrtmpdeviceprovider", GST_RANK_PRIMARY,
                                    mill_rtmp_device_provider_get_type())

namespace {

// ---- the device -----------------------------------------------------------------------------------------------------

GstElement* create_element(GstDevice* device, const gchar* name) {
    GstElement* source = gst_element_factory_make("millrtmpsrc", name);
    if (source) {
        const std::string& path = reinterpret_cast<MillRtmpPublisherDevice*>(device)->impl->path;
        g_object_set(source, "path", path.c_str(), nullptr);
    }
    return source;
}

// An action: tells the publisher that nobody will take it, rather than let it wait for its patience to end.
void refuse(MillRtmpPublisherDevice* device, const gchar* reason) {
    if (auto listener = device->impl->listener.lock()) {
        listener->refuse(device->impl->path, reason ? reason : "nothing takes this stream");
    }
}

GstDevice* new_device(const std::shared_ptr<rtmp::Listener>& listener, const rtmp::PublisherInfo& publisher) {
    auto caps = gst::adopt(gst_caps_new_any());
    auto properties = rtmp::to_structure(publisher);
    auto* device = GST_DEVICE(g_object_new(mill_rtmp_publisher_device_get_type(), "display-name",
                                           publisher.request.path.c_str(), "device-class", kDeviceClass, "caps",
                                           caps.get(), "properties", properties.get(), nullptr));
    auto* waiting = reinterpret_cast<MillRtmpPublisherDevice*>(device)->impl;
    waiting->listener = listener;
    waiting->path = publisher.request.path;
    return device;
}

// ---- the provider ---------------------------------------------------------------------------------------------------

class Finder : public rtmp::Watcher {
  public:
    Finder(GstDeviceProvider* provider, std::weak_ptr<rtmp::Listener> listener)
        : provider_(provider), listener_(std::move(listener)) {}

    void waiting(const rtmp::PublisherInfo& publisher) override {
        auto listener = listener_.lock();
        if (!listener) return;
        auto device = gst::share(new_device(listener, publisher));
        {
            Lock lock(mutex_);
            devices_[publisher.request.path] = device;
        }
        gst_device_provider_device_add(provider_, device.get());
    }

    void gone(const rtmp::PublisherInfo& publisher) override {
        gst::Ref<GstDevice> device;
        {
            Lock lock(mutex_);
            auto found = devices_.find(publisher.request.path);
            if (found == devices_.end()) return;
            device = std::move(found->second);
            devices_.erase(found);
        }
        gst_device_provider_device_remove(provider_, device.get());
    }

  private:
    GstDeviceProvider* const provider_;
    const std::weak_ptr<rtmp::Listener> listener_;
    Mutex mutex_;
    std::map<std::string, gst::Ref<GstDevice>> devices_ GUARDED_BY(mutex_);  // by path
};

Provider& provider_of(gpointer provider) {
    return *static_cast<MillRtmpDeviceProvider*>(provider)->impl;
}

gboolean start(GstDeviceProvider* self) {
    Provider& provider = provider_of(self);
    auto listener = rtmp::Listener::at("");
    if (!listener) {
        GST_ERROR_OBJECT(self, "%s", listener.error().what.c_str());
        return FALSE;
    }
    provider.listener = std::move(*listener);
    provider.finder = std::make_shared<Finder>(self, provider.listener);
    provider.listener->watch(provider.finder);
    return TRUE;
}

void stop(GstDeviceProvider* self) {
    Provider& provider = provider_of(self);
    if (!provider.listener) return;
    provider.listener->unwatch(provider.finder);
    provider.finder.reset();
    provider.listener.reset();
}

enum ProviderProperty { kUrlTemplate = 1, kListen, kProtocol };

void get_provider_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    switch (id) {
        case kUrlTemplate:
            g_value_set_static_string(value, "rtmp://{host}{port:1935}/{path}");
            break;
        case kListen:
            g_value_set_string(value, net::default_listen("rtmp", ":1935").c_str());
            break;
        case kProtocol:
            g_value_set_static_string(value, "rtmp");
            break;
        default:
            G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

}  // namespace

static void mill_rtmp_publisher_device_class_init(MillRtmpPublisherDeviceClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = mill_rtmp_publisher_device_finalize;
    GST_DEVICE_CLASS(klass)->create_element = create_element;
    g_signal_new_class_handler("refuse", mill_rtmp_publisher_device_get_type(),
                               static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION), G_CALLBACK(refuse),
                               nullptr, nullptr, nullptr, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void mill_rtmp_device_provider_class_init(MillRtmpDeviceProviderClass* klass) {
    GST_DEBUG_CATEGORY_INIT(millrtmpdevice_debug, "millrtmpdevice", 0, "RTMP publishers as devices");
    GObjectClass* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = mill_rtmp_device_provider_finalize;
    object_class->get_property = get_provider_property;
    auto install = [&](ProviderProperty id, const char* name, const char* blurb) {
        g_object_class_install_property(
            object_class, id,
            g_param_spec_string(name, name, blurb, nullptr,
                                static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
    };
    install(kUrlTemplate, "url-template",
            "How to publish here, with {host}, {port} or {port:DEFAULT}, and {path} to be filled in");
    install(kListen, "listen", "The address publishers are awaited at as [ADDRESS]:PORT");
    install(kProtocol, "protocol", "The name of the protocol");

    GstDeviceProviderClass* provider_class = GST_DEVICE_PROVIDER_CLASS(klass);
    provider_class->start = start;
    provider_class->stop = stop;
    gst_device_provider_class_set_static_metadata(provider_class, "RTMP publishers", kDeviceClass,
                                                  "Publishers that wait for an RTMP source of their path",
                                                  "Millrace maintainers");
}
