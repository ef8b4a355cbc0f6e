#include "chatd/io/operation.hpp"

#include <set>

#include "support/catch.hpp"

using namespace chatd::io;

TEST_CASE("an operation comes back from its user data", "[io][operation]") {
    for (const auto kind : {OperationKind::none, OperationKind::accept, OperationKind::receive,
                            OperationKind::send, OperationKind::unsent, OperationKind::signal}) {
        for (const std::uint32_t index : {0U, 1U, 20'000U, UINT32_MAX}) {
            for (const std::uint32_t generation : {0U, 1U, Operation::generation_mask}) {
                const Operation operation{kind, index, generation};
                CHECK(Operation::unpacked(operation.packed()) == operation);
            }
        }
    }
}

TEST_CASE("different operations have different user data", "[io][operation]") {
    std::set<std::uint64_t> packed;
    std::size_t count = 0;
    for (const auto kind : {OperationKind::receive, OperationKind::send, OperationKind::cancel}) {
        for (std::uint32_t index = 0; index < 4; ++index) {
            for (std::uint32_t generation = 0; generation < 4; ++generation, ++count) {
                packed.insert(Operation{kind, index, generation}.packed());
            }
        }
    }
    CHECK(packed.size() == count);
}

TEST_CASE("a generation keeps its low 24 bits and disturbs nothing else", "[io][operation]") {
    const Operation operation{OperationKind::send, 7, 0xff00'0003};
    CHECK(Operation::unpacked(operation.packed()) == Operation{OperationKind::send, 7, 3});
}
