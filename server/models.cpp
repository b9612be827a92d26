#include "server/models.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace contend::server {

// One file each in server/models/.
extern const Model sequential, thread, coroutine, pool, sharded, uring;

namespace {
constexpr std::array all_models{&sequential, &thread, &coroutine, &pool, &sharded, &uring};
}

std::span<const Model* const> models() {
  return all_models;
}

const Model* find_model(std::string_view name) {
  const auto* found = std::ranges::find(all_models, name, &Model::name);
  return found == all_models.end() ? nullptr : *found;
}

std::string model_names() {
  std::string names;
  for (const Model* model : all_models) {
    names += names.empty() ? "" : ", ";
    names += model->name;
  }
  return names;
}

std::string list_of_models() {
  std::string text;
  for (const Model* model : all_models) {
    text += fmt::format("{:<12} {}: {}\n", model->name, model->what, model->teaches);
  }
  return text;
}

}  // namespace contend::server
