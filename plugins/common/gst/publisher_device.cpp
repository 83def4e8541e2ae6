// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/publisher_device.hpp"

#include <map>
#include <string>
#include <utility>

#include "common/gst/element.hpp"
#include "common/gst/ref.hpp"
#include "common/net/process_defaults.hpp"

GST_DEBUG_CATEGORY_STATIC(millpublisherdevice_debug);
#define GST_CAT_DEFAULT millpublisherdevice_debug

using namespace millrace;

namespace {

struct WaitingPublisher {
    explicit WaitingPublisher(GstDevice*) {}
    std::weak_ptr<gst::PublisherDirectory> directory;
    std::string path;
    const char* element = nullptr;
};

class Finder;

struct Provider {
    explicit Provider(GstDeviceProvider*) {}
    std::shared_ptr<gst::PublisherDirectory> directory;  // from start to stop
    std::shared_ptr<Finder> finder;
};

MILL_DEFINE_TYPE(MillPublisherDevice, mill_publisher_device, GST_TYPE_DEVICE, GstDevice, WaitingPublisher)

// ---- the device -----------------------------------------------------------------------------------------------------

WaitingPublisher& waiting_of(gpointer device) {
    return *static_cast<MillPublisherDevice*>(device)->impl;
}

GstElement* create_element(GstDevice* device, const gchar* name) {
    const WaitingPublisher& waiting = waiting_of(device);
    GstElement* source = gst_element_factory_make(waiting.element, name);
    if (source) g_object_set(source, "path", waiting.path.c_str(), nullptr);
    return source;
}

// Actions: tell the publisher that nobody will take it, or that another one publishes the stream, rather than let it
// wait for its patience to end.
void refuse(MillPublisherDevice* device, gst::Refusal refusal, const char* reason) {
    if (auto directory = waiting_of(device).directory.lock())
        directory->refuse(waiting_of(device).path, refusal, reason);
}
void refuse_unwanted(MillPublisherDevice* device, const gchar* reason) {
    refuse(device, gst::Refusal::unknown, reason ? reason : "nothing takes this stream");
}
void refuse_busy(MillPublisherDevice* device, const gchar* reason) {
    const std::string busy = "the stream " + waiting_of(device).path + " already has a publisher";
    refuse(device, gst::Refusal::busy, reason ? reason : busy.c_str());
}

void mill_publisher_device_class_init(MillPublisherDeviceClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = mill_publisher_device_finalize;
    GST_DEVICE_CLASS(klass)->create_element = create_element;
    auto add_action = [](const char* name, GCallback handler) {
        g_signal_new_class_handler(name, mill_publisher_device_get_type(),
                                   static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION), handler, nullptr,
                                   nullptr, nullptr, G_TYPE_NONE, 1, G_TYPE_STRING);
    };
    add_action("refuse", G_CALLBACK(refuse_unwanted));
    add_action("refuse-busy", G_CALLBACK(refuse_busy));
}

gst::Ref<GstDevice> new_device(gst::PublisherDirectory& directory, const gst::PublisherInfo& publisher,
                               const char* element) {
    auto caps = gst::adopt(gst_caps_new_any());
    auto device = gst::share(GST_DEVICE(
        g_object_new(mill_publisher_device_get_type(), "display-name", publisher.path.c_str(), "device-class",
                     gst::kPublisherClass, "caps", caps.get(), "properties", publisher.facts.get(), nullptr)));
    WaitingPublisher& waiting = waiting_of(device.get());
    waiting.directory = directory.weak_from_this();
    waiting.path = publisher.path;
    waiting.element = element;
    return device;
}

// ---- the provider ---------------------------------------------------------------------------------------------------

class Finder : public gst::PublisherWatcher {
  public:
    Finder(GstDeviceProvider* provider, std::weak_ptr<gst::PublisherDirectory> directory, const char* element)
        : provider_(provider),
          bus_(gst::adopt(gst_device_provider_get_bus(provider))),
          directory_(std::move(directory)),
          element_(element) {}

    void waiting(const gst::PublisherInfo& publisher) override {
        auto directory = directory_.lock();
        if (!directory) return;
        gone(publisher);  // who began to wait while the provider started is told of twice
        auto device = new_device(*directory, publisher, element_);
        {
            Lock lock(mutex_);
            devices_[publisher.path] = device;
        }
        make_room();
        gst_device_provider_device_add(provider_, device.get());
    }

    void gone(const gst::PublisherInfo& publisher) override {
        gst::Ref<GstDevice> device;
        {
            Lock lock(mutex_);
            auto found = devices_.find(publisher.path);
            if (found == devices_.end()) return;
            device = std::move(found->second);
            devices_.erase(found);
        }
        make_room();
        gst_device_provider_device_remove(provider_, device.get());
    }

  private:
    // Nobody need read a provider's messages: who hears them as they are posted leaves them there. They must not pile
    // up with each publisher that tries.
    void make_room() {
        constexpr unsigned kMost = 1000;
        if (!gst_bus_have_pending(bus_.get())) unread_ = 0;
        if (++unread_ <= kMost) return;
        const auto oldest = gst::adopt(gst_bus_pop(bus_.get()));
        --unread_;
    }

    GstDeviceProvider* const provider_;
    const gst::Ref<GstBus> bus_;
    unsigned unread_ = 0;  // at most; told of on one thread at a time
    const std::weak_ptr<gst::PublisherDirectory> directory_;
    const char* const element_;
    Mutex mutex_;
    std::map<std::string, gst::Ref<GstDevice>> devices_ GUARDED_BY(mutex_);  // by path
};

// One type a protocol: the class knows its facts.
struct MillPublisherProvider {
    GstDeviceProvider parent;
    Provider* impl;
};
struct MillPublisherProviderClass {
    GstDeviceProviderClass parent_class;
    const gst::PublisherProtocol* protocol;
};

Provider& provider_of(gpointer provider) {
    return *static_cast<MillPublisherProvider*>(provider)->impl;
}

const gst::PublisherProtocol& protocol_of(gpointer provider) {
    return *G_TYPE_INSTANCE_GET_CLASS(provider, 0, MillPublisherProviderClass)->protocol;
}

gboolean start(GstDeviceProvider* self) {
    const gst::PublisherProtocol& protocol = protocol_of(self);
    Provider& provider = provider_of(self);
    auto directory = protocol.open();
    if (!directory) {
        GST_ERROR_OBJECT(self, "%s", directory.error().what.c_str());
        return FALSE;
    }
    provider.directory = std::move(*directory);
    provider.finder = std::make_shared<Finder>(self, provider.directory->weak_from_this(), protocol.element);
    provider.directory->watch(provider.finder);
    return TRUE;
}

void stop(GstDeviceProvider* self) {
    Provider& provider = provider_of(self);
    if (!provider.directory) return;
    provider.directory->unwatch(provider.finder);
    provider.finder.reset();
    provider.directory.reset();
}

enum ProviderProperty { kUrlTemplate = 1, kPageTemplate, kListen, kProtocol };

void get_provider_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    const gst::PublisherProtocol& protocol = protocol_of(object);
    switch (id) {
        case kUrlTemplate:
            return g_value_set_static_string(value, protocol.url_template);
        case kPageTemplate:
            return g_value_set_static_string(value, protocol.page_template);
        case kListen:
            return g_value_set_string(value, net::default_listen(protocol.server, protocol.listen).c_str());
        case kProtocol:
            return g_value_set_static_string(value, protocol.name);
        default:
            G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

void init_provider(GTypeInstance* instance, gpointer) {
    auto* self = reinterpret_cast<MillPublisherProvider*>(instance);
    self->impl = new Provider(&self->parent);
}

void finalize_provider(GObject* object) {
    delete reinterpret_cast<MillPublisherProvider*>(object)->impl;
    G_OBJECT_CLASS(g_type_class_peek_parent(G_OBJECT_GET_CLASS(object)))->finalize(object);
}

void init_provider_class(gpointer klass, gpointer facts) {
    const auto* protocol = static_cast<const gst::PublisherProtocol*>(facts);
    static_cast<MillPublisherProviderClass*>(klass)->protocol = protocol;
    auto* object_class = static_cast<GObjectClass*>(klass);
    object_class->finalize = finalize_provider;
    object_class->get_property = get_provider_property;
    auto install = [&](ProviderProperty id, const char* name, const char* blurb) {
        g_object_class_install_property(
            object_class, id,
            g_param_spec_string(name, name, blurb, nullptr,
                                static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
    };
    install(kUrlTemplate, "url-template",
            "How to publish here, with {host}, {port} or {port:DEFAULT}, and {path} to be filled in");
    install(kPageTemplate, "page-template", "Where a person publishes in a browser, likewise; empty = nowhere");
    install(kListen, "listen", "The address publishers are awaited at as [ADDRESS]:PORT");
    install(kProtocol, "protocol", "The name of the protocol");

    auto* provider_class = static_cast<GstDeviceProviderClass*>(klass);
    provider_class->start = start;
    provider_class->stop = stop;
    gst_device_provider_class_set_static_metadata(provider_class, protocol->title, gst::kPublisherClass,
                                                  protocol->description, "Millrace maintainers");
}

}  // namespace

namespace millrace::gst {

const char* const kPublisherClass = "Source/Network/Publisher";

bool register_publisher_provider(GstPlugin* plugin, const char* name, const PublisherProtocol& protocol) {
    GST_DEBUG_CATEGORY_INIT(millpublisherdevice_debug, "millpublisherdevice", 0, "publishers as devices");
    const std::string type_name = "MillPublisherProvider-" + std::string(protocol.name);
    GType type = g_type_from_name(type_name.c_str());
    if (type == 0) {
        const GTypeInfo info{.class_size = sizeof(MillPublisherProviderClass),
                             .base_init = nullptr,
                             .base_finalize = nullptr,
                             .class_init = init_provider_class,
                             .class_finalize = nullptr,
                             .class_data = &protocol,
                             .instance_size = sizeof(MillPublisherProvider),
                             .n_preallocs = 0,
                             .instance_init = init_provider,
                             .value_table = nullptr};
        type = g_type_register_static(GST_TYPE_DEVICE_PROVIDER, type_name.c_str(), &info, {});
    }
    return gst_device_provider_register(plugin, name, GST_RANK_PRIMARY, type);
}

}  // namespace millrace::gst
