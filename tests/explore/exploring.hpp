// Explores one of the subjects in a folder of its own, for the tests.
#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/report.hpp"

#include "races/explore/explorer.hpp"

namespace contend::explore {

inline const std::string gcc_subjects = CONTEND_SUBJECTS_GCC;
inline const std::string clang_subjects = CONTEND_SUBJECTS_CLANG;

/// A folder for schedules that lasts as long as a test.
class Exploring : public ::testing::Test {
 protected:
  Plan plan_for(const std::string& program, const std::string& subject) const {
    Plan plan;
    plan.argv = {program, subject};
    plan.name = subject;
    plan.schedules = subject.starts_with("c_hundred") ? 100 : 300;
    plan.out = folder_->path();
    return plan;
  }

  Case run(const Plan& plan) const {
    const Expected<Report> report = contend::explore::explore(plan);
    if (!report) {
      ADD_FAILURE() << report.error().message;
      return {};
    }
    return report->cases.at(0);
  }

  std::filesystem::path file_of(const Plan& plan) const {
    return *plan.out / (plan.name + ".schedule.json");
  }

 private:
  Expected<ScratchFolder> folder_ = ScratchFolder::make();
};

}  // namespace contend::explore
