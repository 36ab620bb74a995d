Console.WriteLine("chaosdrill");
