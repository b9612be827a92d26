#include <thread>

#include <gtest/gtest.h>

#include "ticket_office.hpp"

TEST(TicketOffice, never_sells_a_seat_twice) {
  TicketOffice office(1);
  const auto buy = [&] {
    if (office.has_seats()) office.take_seat();
  };
  std::thread anna(buy);
  std::thread ben(buy);
  anna.join();
  ben.join();
  EXPECT_GE(office.seats(), 0);
}

TEST(TicketOffice, counts_down) {
  TicketOffice office(3);
  std::thread anna([&] { office.take_seat(); });
  std::thread ben([&] { office.take_seat(); });
  anna.join();
  ben.join();
  EXPECT_EQ(office.seats(), 1);
}
