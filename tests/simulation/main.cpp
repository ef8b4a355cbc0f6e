// The simulation: small worlds, each an engine on a fake network, all from a seed.
//
// Everything it does follows from the seed, so a failure is repeated by one command, which it
// prints. Exit codes: 0 all checks held, 1 one did not, 64 usage.

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/exit_code.hpp"
#include "simulation/faults.hpp"
#include "simulation/store_world.hpp"
#include "simulation/trace.hpp"
#include "simulation/world.hpp"

// Where a sanitizer is linked in, it calls back before it ends the process.
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());

namespace {

using namespace chatd;
using namespace chatd::simulation;

constexpr std::uint64_t worlds_default = 1;
constexpr std::uint64_t worlds_quick = 15'000;
constexpr std::uint64_t worlds_per_fault_max = 20'000;

constexpr std::string_view help =
    "usage: simulation [--seed SEED | --commit] [--worlds N] [--quick] [--trace] [--fault NAME | "
    "--faults]\n"
    "  --seed SEED    the first world's seed: a number, or a commit hash (default 1)\n"
    "  --commit       the first seed from the commit hash in $CHATD_COMMIT, if it is set\n"
    "  --worlds N     so many worlds, of this seed and those that follow (default 1)\n"
    "  --quick        a few seconds of worlds from seed 1\n"
    "  --trace        every step of the worlds, to the standard error\n"
    "  --fault NAME   with this fault planted: some check must fail\n"
    "  --faults       each planted fault in turn; fails if one is not caught\n"
    "  --list-faults  their names\n";

// What a dying process still says: which world it was in.
char death_note[160] = "";

void say_death_note() {
    const auto written = ::write(STDERR_FILENO, death_note, std::strlen(death_note));
    (void)written;
}

void died(int signal) {
    say_death_note();
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

void prepare_death_note(std::uint64_t seed) {
    const auto end = fmt::format_to_n(death_note, sizeof death_note - 1,
                                      "simulation: seed {}: the server broke an assertion\n"
                                      "simulation: to repeat it: ./scripts/simulate {}\n",
                                      seed, seed);
    *end.out = '\0';
}

/// A number, or anything else mixed to one: the same text gives the same seed everywhere.
std::uint64_t seed_of(std::string_view text) {
    std::uint64_t seed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
    if (error == std::errc{} && end == text.data() + text.size()) return seed;
    seed = 0xcbf29ce484222325U;  // FNV-1a
    for (const char byte : text)
        seed = (seed ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    return seed;
}

struct Options {
    std::uint64_t seed = 1;
    std::uint64_t worlds = worlds_default;
    const PlantedFault* fault = nullptr;
    bool all_faults = false;
};

struct Found {
    std::uint64_t seed = 0;
    std::uint64_t world = 0;
    Violation violation;
};

/// Every fourth world has a store, whichever seeds are run.
void run_world(std::uint64_t seed, Tally& tally) {
    constexpr std::uint64_t stored_every = 4;
    if (seed % stored_every == 0) {
        StoreWorld(seed, tally).run();
    } else {
        World(seed, tally).run();
    }
}

std::optional<Found> run_worlds(std::uint64_t seed, std::uint64_t worlds, Tally& tally) {
    for (std::uint64_t world = 0; world < worlds; ++world) {
        prepare_death_note(seed + world);
        try {
            run_world(seed + world, tally);
        } catch (const Violation& violation) {
            return Found{seed + world, world + 1, violation};
        }
    }
    return std::nullopt;
}

int report(const std::optional<Found>& found) {
    if (!found) return status_of(ExitCode::ok);
    fmt::print(stderr, "simulation: seed {}: {}: {}\n", found->seed, found->violation.check,
               found->violation.detail);
    fmt::print(stderr, "simulation: to repeat it: ./scripts/simulate {}\n", found->seed);
    return status_of(ExitCode::failed);
}

void print_tally(const Tally& tally, double elapsed) {
    fmt::print("{} worlds in {:.1f} s ({:.0f} a second), {} turns, {} connections\n", tally.worlds,
               elapsed, static_cast<double>(tally.worlds) / elapsed, tally.turns,
               tally.connections);
    fmt::print("{} lines said, {} deliveries in {} sends, {} of them short, {} cancelled\n",
               tally.messages, tally.deliveries, tally.sends, tally.sends_short, tally.cancels);
    fmt::print("{} gaps, {} segments trimmed, {} closed as slow, {} pauses\n", tally.gaps,
               tally.segments_unlinked, tally.slow_closed, tally.pauses);
    fmt::print("{} private messages, {} events, {} datagrams\n", tally.private_messages,
               tally.events, tally.datagrams);
    fmt::print("{} worlds with a store: {} crashes, {} clean stops, {} stalls, {} full disks\n",
               tally.stored_worlds, tally.crashes, tally.clean_stops, tally.store_stalls,
               tally.store_troubles);
    fmt::print("{} acknowledged, {} repeated, {} refused, {} in holes, {} lost in crashes\n",
               tally.acknowledged, tally.repeated, tally.refused, tally.unkept, tally.lost);
    fmt::print("{} positions recovered, {} not\n", tally.recovered_true, tally.recovered_false);
}

int run_plain(const Options& options) {
    Tally tally;
    const auto start = std::chrono::steady_clock::now();
    const auto found = run_worlds(options.seed, options.worlds, tally);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    if (!found) print_tally(tally, elapsed.count());
    return report(found);
}

/// The child of catches(): plays worlds with the fault planted until a check fails, and names that
/// check. Its standard error is the parent's pipe.
[[noreturn]] void play_faulty(const PlantedFault& fault, std::uint64_t seed) {
    if (!plant(fault)) _exit(status_of(ExitCode::usage));
    Tally tally;
    const auto found = run_worlds(seed, worlds_per_fault_max, tally);
    if (!found) _exit(status_of(ExitCode::failed));
    fmt::print(stderr, "{} in world {}\n", found->violation.check, found->world);
    std::fflush(stderr);
    _exit(status_of(ExitCode::ok));
}

/// What the child said in its first line, which is an assertion's if it broke one.
std::string first_line_of(int descriptor) {
    std::string said;
    char piece[4096];
    for (ssize_t bytes = 0; (bytes = ::read(descriptor, piece, sizeof piece)) > 0;)
        said.append(piece, static_cast<std::size_t>(bytes));
    return said.substr(0, said.find('\n'));
}

/// Runs worlds with the fault planted, in a process of its own, for a fault may break an assertion
/// of the server. True if a check or an assertion caught it.
bool catches(const PlantedFault& fault, std::uint64_t seed) {
    int ends[2];
    if (::pipe(ends) != 0) return false;
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], STDERR_FILENO);
        play_faulty(fault, seed);
    }
    ::close(ends[1]);
    const std::string said = first_line_of(ends[0]);
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    const bool caught = WIFSIGNALED(status) ? WTERMSIG(status) == SIGABRT
                                            : WEXITSTATUS(status) == status_of(ExitCode::ok);
    const bool no_hook = WIFEXITED(status) && WEXITSTATUS(status) == status_of(ExitCode::usage);
    fmt::print("{} {:<22} {}\n", caught ? "caught" : "missed", fault.name,
               no_hook ? "its hook is in simulation_faults" : said);
    return caught;
}

int run_faults(const Options& options) {
    std::uint32_t missed = 0;
    for (const PlantedFault& fault : planted_faults()) {
        if (options.fault != nullptr && options.fault != &fault) continue;
        if (!catches(fault, options.seed)) ++missed;
    }
    fmt::print("{} planted faults missed\n", missed);
    return missed == 0 ? status_of(ExitCode::ok) : status_of(ExitCode::failed);
}

int usage(std::string_view complaint) {
    fmt::print(stderr, "simulation: {}\n{}", complaint, help);
    return status_of(ExitCode::usage);
}

}  // namespace

int main(int count, char** values) {
    const std::vector<std::string_view> words(values + 1, values + count);
    Options options;
    for (std::size_t index = 0; index < words.size(); ++index) {
        const std::string_view word = words[index];
        const bool has_value = index + 1 < words.size();
        if (word == "--help" || word == "-h") {
            fmt::print("{}", help);
            return status_of(ExitCode::ok);
        }
        if (word == "--list-faults") {
            for (const PlantedFault& fault : planted_faults())
                fmt::print("{}\n", fault.name);
            return status_of(ExitCode::ok);
        }
        if (word == "--quick") {
            options.worlds = worlds_quick;
        } else if (word == "--trace") {
            tracing = true;
        } else if (word == "--faults") {
            options.all_faults = true;
        } else if (word == "--commit") {
            const char* commit = std::getenv("CHATD_COMMIT");
            if (commit != nullptr && *commit != '\0') options.seed = seed_of(commit);
        } else if (word == "--seed" && has_value) {
            options.seed = seed_of(words[++index]);
        } else if (word == "--worlds" && has_value) {
            options.worlds = seed_of(words[++index]);
        } else if (word == "--fault" && has_value) {
            options.fault = find_fault(words[++index]);
            if (options.fault == nullptr) return usage("no such fault; see --list-faults");
        } else {
            return usage("what is " + std::string(word) + "?");
        }
    }
    ::signal(SIGABRT, died);
    if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(say_death_note);
    if (options.all_faults || options.fault != nullptr) return run_faults(options);
    return run_plain(options);
}
