#include "tests/bench/floor.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <thread>

#include "tests/bench/measure.h"

namespace stoa::bench {

namespace {

constexpr size_t groupBytes = 4 << 20; // rows that share a commit
constexpr size_t pieceBytes = 256 << 10;

void need(bool fine, const char* what)
{
    if (!fine)
        throw std::runtime_error(std::string("the floor failed: ") + what);
}

class Rows {
public:
    explicit Rows(const std::string& path)
    {
        need(sqlite3_open(path.c_str(), &database_) == SQLITE_OK, "open");
        run("PRAGMA journal_mode=WAL");
        run("PRAGMA synchronous=FULL");
        run("CREATE TABLE rows(row INTEGER PRIMARY KEY, bytes BLOB)");
        sqlite3_prepare_v2(database_, "INSERT INTO rows VALUES(NULL, ?)", -1, &insert_, nullptr);
    }
    ~Rows()
    {
        sqlite3_finalize(insert_);
        sqlite3_close(database_);
    }
    void run(const char* sql) { need(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK, sql); }
    void insert(const char* bytes, size_t size)
    {
        sqlite3_bind_blob(insert_, 1, bytes, int(size), SQLITE_STATIC);
        need(sqlite3_step(insert_) == SQLITE_DONE, "insert");
        sqlite3_reset(insert_);
    }

private:
    sqlite3* database_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
};

struct Peer {
    SSL* ssl = nullptr;
    int socket = -1;

    ~Peer()
    {
        SSL_free(ssl);
        ::close(socket);
    }
    void write(const char* bytes, size_t size) { need(SSL_write(ssl, bytes, int(size)) == int(size), "write"); }
    void read(char* bytes, size_t size)
    {
        for (size_t got = 0; got < size;) {
            const int some = SSL_read(ssl, bytes + got, int(size - got));
            need(some > 0, "read");
            got += size_t(some);
        }
    }
};

class Wire {
public:
    Wire(const std::string& certificate, const std::string& key)
        : server_(SSL_CTX_new(TLS_server_method())), client_(SSL_CTX_new(TLS_client_method()))
    {
        SSL_CTX_set_min_proto_version(server_, TLS1_3_VERSION);
        need(SSL_CTX_use_certificate_chain_file(server_, certificate.c_str()) == 1, "certificate");
        need(SSL_CTX_use_PrivateKey_file(server_, key.c_str(), SSL_FILETYPE_PEM) == 1, "key");
        listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        need(::bind(listener_, reinterpret_cast<sockaddr*>(&address_), size) == 0, "bind");
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &size);
        need(::listen(listener_, 8) == 0, "listen");
    }
    ~Wire()
    {
        ::close(listener_);
        SSL_CTX_free(server_);
        SSL_CTX_free(client_);
    }
    std::unique_ptr<Peer> accept() { return open(server_, ::accept(listener_, nullptr, nullptr), true); }
    std::unique_ptr<Peer> connect()
    {
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        need(::connect(socket, reinterpret_cast<sockaddr*>(&address_), sizeof address_) == 0, "connect");
        return open(client_, socket, false);
    }

private:
    static std::unique_ptr<Peer> open(SSL_CTX* context, int socket, bool accepts)
    {
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        auto peer = std::make_unique<Peer>();
        peer->socket = socket;
        peer->ssl = SSL_new(context);
        SSL_set_fd(peer->ssl, socket);
        need((accepts ? SSL_accept(peer->ssl) : SSL_connect(peer->ssl)) == 1, "handshake");
        return peer;
    }

    SSL_CTX* server_;
    SSL_CTX* client_;
    int listener_ = -1;
    sockaddr_in address_{};
};

// One side stores and sends, the other receives and stores, in groups; the last byte comes back.
void send(Peer& peer, Rows& rows, const std::string& row, int count)
{
    std::string piece;
    size_t group = 0;
    rows.run("BEGIN");
    for (int i = 0; i < count; ++i) {
        rows.insert(row.data(), row.size());
        piece += row;
        group += row.size();
        if (group >= groupBytes) {
            rows.run("COMMIT");
            rows.run("BEGIN");
            group = 0;
        }
        if (piece.size() >= pieceBytes || i == count - 1) {
            peer.write(piece.data(), piece.size());
            piece.clear();
        }
    }
    rows.run("COMMIT");
    char done;
    peer.read(&done, 1);
}

void receive(Peer& peer, Rows& rows, size_t rowBytes, int count)
{
    std::string row(rowBytes, '\0');
    size_t group = 0;
    rows.run("BEGIN");
    for (int i = 0; i < count; ++i) {
        peer.read(row.data(), row.size());
        rows.insert(row.data(), row.size());
        group += row.size();
        if (group >= groupBytes) {
            rows.run("COMMIT");
            rows.run("BEGIN");
            group = 0;
        }
    }
    rows.run("COMMIT");
    peer.write("!", 1);
}

} // namespace

Floor measureFloor(int rows, size_t rowBytes, const std::string& certificate, const std::string& key,
                   const std::string& directory)
{
    std::string row(rowBytes, '\0');
    for (size_t i = 0; i < row.size(); ++i)
        row[i] = char('a' + (i * 7919) % 26);
    Wire wire(certificate, key);
    Rows here(directory + "/floor-here.db");
    Rows there(directory + "/floor-there.db");
    Floor floor;
    const auto transfer = [&](int count) {
        std::thread server([&] {
            const auto peer = wire.accept();
            send(*peer, there, row, count);
        });
        const auto peer = wire.connect();
        receive(*peer, here, rowBytes, count);
        server.join();
    };
    floor.transferPerSecond = rows / seconds([&] { transfer(rows); });
    std::vector<double> onePercent, round, change;
    for (int i = 0; i < 11; ++i)
        onePercent.push_back(1'000 * seconds([&] { transfer(std::max(1, rows / 100)); }));
    {
        std::thread server([&] {
            for (int i = 0; i < 30; ++i) {
                const auto peer = wire.accept();
                char byte;
                peer->read(&byte, 1);
                peer->write(&byte, 1);
            }
        });
        for (int i = 0; i < 30; ++i)
            round.push_back(1'000 * seconds([&] {
                                const auto peer = wire.connect();
                                char byte = '?';
                                peer->write(&byte, 1);
                                peer->read(&byte, 1);
                            }));
        server.join();
    }
    {
        constexpr int changes = 300;
        std::thread server([&] {
            const auto peer = wire.accept();
            std::string got(rowBytes, '\0');
            for (int i = 0; i < changes; ++i) {
                peer->read(got.data(), got.size());
                there.insert(got.data(), got.size());
                peer->write(got.data(), got.size());
            }
        });
        const auto peer = wire.connect();
        std::string got(rowBytes, '\0');
        for (int i = 0; i < changes; ++i)
            change.push_back(1'000 * seconds([&] {
                                 peer->write(row.data(), row.size());
                                 peer->read(got.data(), got.size());
                                 here.insert(got.data(), got.size());
                             }));
        server.join();
    }
    floor.onePercentMs = percentile(onePercent, 50);
    floor.roundMs = percentile(round, 50);
    floor.changeP50Ms = percentile(change, 50);
    floor.changeP99Ms = percentile(change, 99);
    return floor;
}

} // namespace stoa::bench
