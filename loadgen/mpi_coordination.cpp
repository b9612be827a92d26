#include "loadgen/mpi_coordination.hpp"

#include <algorithm>
#include <cstdlib>
#include <list>
#include <thread>
#include <utility>

#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

constexpr int message_tag = 1;
constexpr int ping_tag = 2;
constexpr int clock_tag = 3;
constexpr int rounds = 9;
// Waiting inside MPI would burn a core: Open MPI looks for messages all the time.
constexpr auto nap = 2ms;

std::int64_t clock_ns() {
  return Nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

void await(MPI_Request request) {
  for (int done = 0; MPI_Test(&request, &done, MPI_STATUS_IGNORE), done == 0;) {
    std::this_thread::sleep_for(nap);
  }
}

class Mpi final : public Coordination {
 public:
  Mpi(int* argc, char*** argv) {
    int provided = 0;
    MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }

  ~Mpi() override {
    for (Adding& each : adding_) await(each.request);
    barrier();
    MPI_Finalize();
  }

  std::uint32_t rank() const override { return static_cast<std::uint32_t>(rank_); }
  std::uint32_t size() const override { return static_cast<std::uint32_t>(size_); }

  void barrier() override {
    MPI_Request request{};
    MPI_Ibarrier(MPI_COMM_WORLD, &request);
    await(request);
  }

  std::string broadcast(const std::string& text) override {
    std::uint64_t length = text.size();
    MPI_Request request{};
    MPI_Ibcast(&length, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD, &request);
    await(request);
    std::string copy = rank_ == 0 ? text : std::string(length, '\0');
    MPI_Ibcast(copy.data(), static_cast<int>(length), MPI_CHAR, 0, MPI_COMM_WORLD, &request);
    await(request);
    return copy;
  }

  std::vector<std::string> gather(const std::string& text) override {
    const auto count = static_cast<std::size_t>(size_);
    const int length = static_cast<int>(text.size());
    std::vector<int> lengths(count);
    MPI_Request request{};
    MPI_Igather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, 0, MPI_COMM_WORLD, &request);
    await(request);
    std::vector<int> places(count);
    for (std::size_t i = 1; i < count; ++i) places[i] = places[i - 1] + lengths[i - 1];
    std::string joined(static_cast<std::size_t>(places.back() + lengths.back()), '\0');
    MPI_Igatherv(text.data(), length, MPI_CHAR, joined.data(), lengths.data(), places.data(),
                 MPI_CHAR, 0, MPI_COMM_WORLD, &request);
    await(request);
    std::vector<std::string> all;
    for (std::size_t i = 0; rank_ == 0 && i < count; ++i) {
      all.push_back(
          joined.substr(static_cast<std::size_t>(places[i]), static_cast<std::size_t>(lengths[i])));
    }
    return all;
  }

  /// Cristian's method: of some exchanges with rank 0 the quickest tells most.
  ClockAgreement agree_clocks() override {
    ClockAgreement mine;
    if (rank_ != 0) {
      answer_pings();
      std::int64_t told[2]{};
      MPI_Recv(told, 2, MPI_INT64_T, 0, clock_tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      return {.offset = Nanoseconds(told[0]), .bound = Nanoseconds(told[1])};
    }
    for (int i = 1; i < size_; ++i) {
      const ClockAgreement other = ping(i);
      const std::int64_t told[2]{other.offset.count(), other.bound.count()};
      MPI_Send(told, 2, MPI_INT64_T, i, clock_tag, MPI_COMM_WORLD);
      mine.worst_offset = std::max(mine.worst_offset, std::chrono::abs(other.offset));
      mine.worst_bound = std::max(mine.worst_bound, other.bound);
    }
    return mine;
  }

  void reduce(std::vector<std::uint64_t> numbers) override {
    Adding& adding = adding_.emplace_back();
    adding.numbers = std::move(numbers);
    if (rank_ == 0) adding.sums.resize(adding.numbers.size());
    MPI_Ireduce(adding.numbers.data(), adding.sums.data(), static_cast<int>(adding.numbers.size()),
                MPI_UINT64_T, MPI_SUM, 0, MPI_COMM_WORLD, &adding.request);
  }

  std::optional<std::vector<std::uint64_t>> reduced() override {
    while (!adding_.empty()) {
      Adding& oldest = adding_.front();
      int done = 0;
      MPI_Test(&oldest.request, &done, MPI_STATUS_IGNORE);
      if (done == 0) return std::nullopt;
      const std::vector<std::uint64_t> sums = std::move(oldest.sums);
      adding_.pop_front();
      if (rank_ == 0) return sums;
    }
    return std::nullopt;
  }

  void send(std::uint32_t to, const std::string& text) override {
    Sending& sending = sending_.emplace_back(Sending{text, {}});
    MPI_Isend(sending.text.data(), static_cast<int>(sending.text.size()), MPI_CHAR,
              static_cast<int>(to), message_tag, MPI_COMM_WORLD, &sending.request);
  }

  std::optional<RankMessage> receive() override {
    std::erase_if(sending_, [](Sending& each) {
      int done = 0;
      MPI_Test(&each.request, &done, MPI_STATUS_IGNORE);
      return done != 0;
    });
    int there = 0;
    MPI_Status status{};
    MPI_Iprobe(MPI_ANY_SOURCE, message_tag, MPI_COMM_WORLD, &there, &status);
    if (there == 0) return std::nullopt;
    int length = 0;
    MPI_Get_count(&status, MPI_CHAR, &length);
    RankMessage message{static_cast<std::uint32_t>(status.MPI_SOURCE),
                        std::string(static_cast<std::size_t>(length), '\0')};
    MPI_Recv(message.text.data(), length, MPI_CHAR, status.MPI_SOURCE, message_tag, MPI_COMM_WORLD,
             MPI_STATUS_IGNORE);
    return message;
  }

  [[noreturn]] void abort(int code) override {
    MPI_Abort(MPI_COMM_WORLD, code);
    std::_Exit(code);
  }

 private:
  struct Sending {
    std::string text;  // stays where it is until it is out
    MPI_Request request;
  };

  /// One reduce() that goes on; its numbers stay where they are.
  struct Adding {
    std::vector<std::uint64_t> numbers;
    std::vector<std::uint64_t> sums;
    MPI_Request request{};
  };

  static ClockAgreement ping(int other) {
    ClockAgreement best{.bound = Nanoseconds::max()};
    for (int i = 0; i < rounds; ++i) {
      const std::int64_t before = clock_ns();
      std::int64_t theirs = 0;
      MPI_Send(&before, 1, MPI_INT64_T, other, ping_tag, MPI_COMM_WORLD);
      MPI_Recv(&theirs, 1, MPI_INT64_T, other, ping_tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      const std::int64_t half = (clock_ns() - before) / 2;
      if (Nanoseconds(half) >= best.bound) continue;
      best = {.offset = Nanoseconds(theirs - before - half), .bound = Nanoseconds(half)};
    }
    return best;
  }

  static void answer_pings() {
    // Asleep until it is our turn, which may be long; then awake, for the sake of the bound.
    for (int there = 0; there == 0;) {
      MPI_Iprobe(0, ping_tag, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
      if (there == 0) std::this_thread::sleep_for(nap);
    }
    for (int i = 0; i < rounds; ++i) {
      std::int64_t ignored = 0;
      MPI_Recv(&ignored, 1, MPI_INT64_T, 0, ping_tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      const std::int64_t now = clock_ns();
      MPI_Send(&now, 1, MPI_INT64_T, 0, ping_tag, MPI_COMM_WORLD);
    }
  }

  int rank_ = 0;
  int size_ = 1;
  std::list<Sending> sending_;
  std::list<Adding> adding_;
};

}  // namespace

std::unique_ptr<Coordination> join_by_mpi(int* argc, char*** argv) {
  return std::make_unique<Mpi>(argc, argv);
}

}  // namespace contend::loadgen
