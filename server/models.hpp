// The concurrency models: what each is, what it teaches, and how it is started.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace contend::server {

class Listener;
class Service;

/// A model at work: threads that accept and echo. They end by themselves once the listeners and the
/// connections have been shut down; the destructor joins them.
class RunningModel {
 public:
  RunningModel() = default;
  RunningModel(const RunningModel&) = delete;
  RunningModel& operator=(const RunningModel&) = delete;
  virtual ~RunningModel() = default;
};

struct Model {
  std::string_view name;
  std::string_view what;          ///< what it is
  std::string_view teaches;       ///< what one sees in it
  bool datagrams = false;         ///< can echo them: it does not live by connections
  bool sharded = false;           ///< wants a listener per loop instead of one for all
  std::string_view program = {};  ///< whose model it is, if not this program's; then start is null
  /// `listeners` and `service` outlive the model; there is one listener unless `sharded`.
  std::unique_ptr<RunningModel> (*start)(Service& service, std::span<Listener> listeners);
};

/// All of them, the simplest first.
std::span<const Model* const> models();

/// Null if there is none of that name.
const Model* find_model(std::string_view name);

/// "sequential, thread, …".
std::string model_names();

/// What --list prints.
std::string list_of_models();

}  // namespace contend::server
