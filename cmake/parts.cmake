# The well-kept parts we stand on. Asio and Boost.JSON are header-only; each is compiled once, in core,
# so that no other file pays for them.

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(CLI11 2 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(pugixml REQUIRED)
find_package(tomlplusplus 3 REQUIRED)
find_library(CONTEND_URING uring REQUIRED)
