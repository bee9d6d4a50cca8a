// How libFuzzer alters a sequence of messages (input.h): mostly by their fields, so that what comes out is still
// understood; now and then byte by byte. STOA_FUZZ_MESSAGE says which message they are.

#include <google/protobuf/message.h>

#include <random>

#include "stoa/v1/change.pb.h"
#include "stoa/v1/wire.pb.h"
#include "tests/fuzz/ids.h"
#include "tests/fuzz/input.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t maxSize);

namespace stoa::test {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

class Mutator {
public:
    explicit Mutator(unsigned seed) : generator_(seed) {}

    size_t below(size_t count) { return count == 0 ? 0 : generator_() % count; }

    void mutate(Message& message, int depth = 0)
    {
        const auto* descriptor = message.GetDescriptor();
        const Reflection& reflection = *message.GetReflection();
        if (descriptor->field_count() == 0)
            return;
        std::vector<const FieldDescriptor*> present;
        reflection.ListFields(message, &present);
        // Mostly what is there already.
        const FieldDescriptor* field = !present.empty() && below(4) != 0
                                         ? present[below(present.size())]
                                         : descriptor->field(int(below(size_t(descriptor->field_count()))));
        if (below(16) == 0)
            return reflection.ClearField(&message, field);
        if (field->is_repeated())
            mutateRepeated(message, *field, depth);
        else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
            mutate(*reflection.MutableMessage(&message, field), depth + 1);
        else
            set(message, *field);
    }

    // Bytes that are a message of their own: alter that one.
    template <typename M>
    std::string within(const std::string& bytes)
    {
        M message;
        if (!message.ParseFromString(bytes))
            return bytes;
        mutate(message);
        return message.SerializeAsString();
    }

private:
    void mutateRepeated(Message& message, const FieldDescriptor& field, int depth)
    {
        const Reflection& reflection = *message.GetReflection();
        const int count = reflection.FieldSize(message, &field);
        if (count > 0 && below(8) == 0)
            return reflection.RemoveLast(&message, &field);
        if (count > 1 && below(8) == 0)
            return reflection.SwapElements(&message, &field, int(below(size_t(count))), int(below(size_t(count))));
        if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
            if (count == 0 || below(8) == 0)
                mutate(*reflection.AddMessage(&message, &field), depth + 1);
            else
                mutate(*reflection.MutableRepeatedMessage(&message, &field, int(below(size_t(count)))), depth + 1);
        } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
            if (count == 0 || below(8) == 0)
                reflection.AddString(&message, &field, text(field, {}));
            else {
                const int at = int(below(size_t(count)));
                reflection.SetRepeatedString(&message, &field, at,
                                             text(field, reflection.GetRepeatedString(message, &field, at)));
            }
        } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
            reflection.AddEnumValue(&message, &field, int(below(8)));
        }
    }

    void set(Message& message, const FieldDescriptor& field)
    {
        const Reflection& reflection = *message.GetReflection();
        switch (field.cpp_type()) {
        case FieldDescriptor::CPPTYPE_INT32:
            return reflection.SetInt32(&message, &field, int32_t(number()));
        case FieldDescriptor::CPPTYPE_INT64:
            return reflection.SetInt64(&message, &field, int64_t(number()));
        case FieldDescriptor::CPPTYPE_UINT32:
            return reflection.SetUInt32(&message, &field, uint32_t(number()));
        case FieldDescriptor::CPPTYPE_UINT64:
            return reflection.SetUInt64(&message, &field, number());
        case FieldDescriptor::CPPTYPE_BOOL:
            return reflection.SetBool(&message, &field, below(2) != 0);
        case FieldDescriptor::CPPTYPE_ENUM:
            return reflection.SetEnumValue(&message, &field,
                                           below(8) == 0 ? int(number())
                                                         : int(below(size_t(field.enum_type()->value_count()) + 1)));
        case FieldDescriptor::CPPTYPE_STRING:
            return reflection.SetString(&message, &field, text(field, reflection.GetString(message, &field)));
        default:
            return;
        }
    }

    uint64_t number()
    {
        switch (below(5)) {
        case 0:
            return uint64_t(fuzzNowMs) + below(1000);
        case 1:
            return (uint64_t(1) << 40) * (1 + below(3)) + below(4);
        case 2:
            return uint64_t(0) - 1 - below(3);
        case 3:
            return generator_();
        default:
            return below(16);
        }
    }

    std::string text(const FieldDescriptor& field, std::string is)
    {
        if (field.full_name() == "stoa.v1.PushedChange.change" && below(8) != 0)
            return within<v1::Change>(is);
        if (field.full_name() == "stoa.v1.Version.record" && below(8) != 0)
            return within<v1::Record>(is);
        static const char* const names[] = {
            "ada",      "ben", "organisation", "lab",           "hidden",           "lab question",   "change",
            "change 2", "new", "newer",        "sent question", "waiting question", "hidden question"};
        const Id known = fuzzId(names[below(std::size(names))]);
        if (field.type() == FieldDescriptor::TYPE_BYTES) {
            switch (below(6)) {
            case 0:
            case 1:
                return known.str();
            case 2:
                return Feed{
                    std::array{FeedKind::Directory, FeedKind::Space, FeedKind::Staff, FeedKind::Person}[below(4)],
                    known}
                    .key();
            case 3: {
                const Id other = fuzzId(names[below(std::size(names))]);
                return below(2) ? membershipId(known, other).str()
                                : markId(known, other, v1::MarkKind(1 + below(4))).str();
            }
            default:
                break;
            }
        }
        is.resize(is.size() + 8);
        is.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(is.data()), is.size() - 8, is.size()));
        return is;
    }

    std::mt19937 generator_;
};

} // namespace

} // namespace stoa::test

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t maxSize, unsigned seed)
{
    using namespace stoa::test;
    Mutator mutator(seed);
    if (mutator.below(4) == 0)
        return LLVMFuzzerMutate(data, size, maxSize);
    std::vector<std::string> messages = splitMessages(inputText(data, size));
    if (messages.size() == messagesMax)
        messages.pop_back();
    const size_t at = mutator.below(messages.size() + 1);
    switch (mutator.below(8)) {
    case 0: // another one, or one again
        messages.insert(messages.begin() + std::ptrdiff_t(at),
                        messages.empty() ? std::string() : messages[mutator.below(messages.size())]);
        break;
    case 1:
        if (at < messages.size())
            messages.erase(messages.begin() + std::ptrdiff_t(at));
        break;
    case 2:
        if (messages.size() > 1)
            std::swap(messages[mutator.below(messages.size())], messages[mutator.below(messages.size())]);
        break;
    default:
        break;
    }
    if (messages.empty())
        messages.emplace_back();
    std::string& message = messages[mutator.below(messages.size())];
    message = mutator.within<stoa::v1::STOA_FUZZ_MESSAGE>(message);
    message.resize(std::min<size_t>(message.size(), 0xffff));
    const std::string input = joinMessages(messages);
    if (input.size() > maxSize)
        return LLVMFuzzerMutate(data, size, maxSize);
    std::copy(input.begin(), input.end(), data);
    return input.size();
}
