import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.h2.mvstore.MVStore;

/**
 * The MongoDB emulator of a machine without mongod: mongo-java-server over one H2 MVStore file.
 *
 * <p>Arguments: folder, host, port. Documents of an older file in the folder are copied at the first start; the older file stays. Ends on SIGTERM after the last commit, and at once when the file cannot be written: clients then see a
 * lost connection, and the file holds what was acknowledged.
 */
public final class MongoEmulator {
  /** How long MVStore keeps overwritten chunks, in milliseconds; its default of 45 s lets the file grow with every write. */
  private static final int RETENTION_MILLIS = 1000;

  /** Megabytes of the file's pages in memory; indexes and the newest documents of 200,000 views. */
  private static final int CACHE_MEGABYTES = 32;

  private MongoEmulator() {}

  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0], "documents.mv");
    Path older = Path.of(arguments[0], "emulator.mv");
    if (Files.notExists(file) && Files.exists(older)) {
      OlderFile.copy(older, file);
    }
    MVStore store =
        new MVStore.Builder()
            .fileName(file.toString())
            .cacheSize(CACHE_MEGABYTES)
            .backgroundExceptionHandler((thread, error) -> fail(error))
            .open();
    store.setRetentionTime(RETENTION_MILLIS);
    MongoServer server = new MongoServer(new EmulatorBackend(store).version(new DriverVersion()));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    server.bind(arguments[1], Integer.parseInt(arguments[2]));
    System.out.println("MongoDB emulator (mongo-java-server) listens on " + arguments[1] + ":" + arguments[2]);
  }

  /** Ends the process: after a failed write MVStore is closed, and only opening the file anew tells what it holds. */
  static void fail(Throwable error) {
    System.err.println("MongoDB emulator: the file cannot be read or written: " + error.getMessage());
    Runtime.getRuntime().halt(1);
  }

  /** MongoDB 5.0 by what it can do; wire version 13 because drivers refuse the 8 that the library reports. */
  private static final class DriverVersion implements MongoVersion {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(5, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 13;
    }
  }
}
